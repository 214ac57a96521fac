"""The desktop: the only Qt code besides a plugin's panel."""
