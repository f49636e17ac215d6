"""Metric filters and saved queries on the log group that Copilot created for a service."""
