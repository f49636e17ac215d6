"""A plan that was reviewed before it is applied."""
