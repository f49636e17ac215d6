"""Placeholders for what only an account can show: secrets, networks, load balancers, variables."""
