"""Icons, themes and sample pointers that travel with the program."""
