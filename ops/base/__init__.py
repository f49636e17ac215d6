"""What needs nothing else: errors, the clock, fields of `ops.yml`, URLs, interrupts."""
