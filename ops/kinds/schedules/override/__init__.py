"""Another end for one evening."""
