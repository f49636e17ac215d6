"""The objects of Stripe's API, each with what it makes of the others."""
