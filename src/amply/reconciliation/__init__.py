"""Stripe's records compared with ours: clear cases are corrected, others reported."""
