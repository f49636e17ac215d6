"""A Stripe on loopback, for tests and laptops: `python -m amply.embedded.stripe --port N`.

It speaks the part of Stripe's HTTP API that Amply uses, closely enough that Stripe's own library
cannot tell the difference: https://docs.stripe.com/api. It keeps its payments in memory.
"""
