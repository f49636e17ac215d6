"""The days from which AWS refuses what Copilot renders. Pure."""
