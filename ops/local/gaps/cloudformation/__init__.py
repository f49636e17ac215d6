"""Gaps in moto's CloudFormation."""
