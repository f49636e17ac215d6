"""The objects of Stripe's API, and their effects on each other."""
