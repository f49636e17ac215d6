"""Stripe's events, applied to donations."""
