"""Load balancers, listeners and ports."""
