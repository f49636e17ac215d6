"""Overrides: another end for one evening."""
