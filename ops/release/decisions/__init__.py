"""Decisions of a release: values in, decisions out. Pure."""
