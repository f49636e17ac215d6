"""Reads and writes of a release in AWS."""
