"""The commands for the engineer on call."""
