"""Manual start and stop of an environment, in order."""
