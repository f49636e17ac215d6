"""From declarations and AWS to plans."""
