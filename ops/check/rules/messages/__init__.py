"""Queues, topics and the workers on them."""
