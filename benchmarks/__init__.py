"""Benchmarks: scripts that print a table of ratios."""
