"""Reads of AWS for `ops check --live`."""
