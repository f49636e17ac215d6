"""Charging donors: what we need from a provider, and the one that gives it."""
