"""API keys of staff."""
