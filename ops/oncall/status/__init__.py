"""What runs now, and why there are as many tasks as there are."""
