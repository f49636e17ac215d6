"""How many tasks there are."""
