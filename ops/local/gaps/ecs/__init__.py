"""Gaps in moto's ECS."""
