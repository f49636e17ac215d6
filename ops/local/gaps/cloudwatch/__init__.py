"""Gaps in moto's CloudWatch."""
