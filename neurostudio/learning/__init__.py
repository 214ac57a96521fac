"""Mathematics that several methods share; imported by methods while they run, never at start-up."""
