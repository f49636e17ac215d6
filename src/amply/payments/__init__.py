"""Payments: the interface of a provider, and Stripe."""
