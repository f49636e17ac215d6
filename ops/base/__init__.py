"""Foundations without dependencies: errors, the clock, fields of `ops.yml`, URLs, interrupts."""
