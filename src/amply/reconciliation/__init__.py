"""Stripe's records compared with ours: repaired where certain, reported where not."""
