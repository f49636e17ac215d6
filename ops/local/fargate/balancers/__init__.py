"""Load balancers and their target groups."""
