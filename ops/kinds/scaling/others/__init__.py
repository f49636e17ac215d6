"""Other tools that scale the same services."""
