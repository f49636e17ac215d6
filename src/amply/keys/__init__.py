"""API keys, by which staff are known."""
