"""Gaps in moto's CloudWatch Logs."""
