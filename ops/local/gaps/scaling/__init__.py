"""Gaps in moto's Application Auto Scaling."""
