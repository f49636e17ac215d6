"""Metrics and saved queries on the log group that Copilot gave a service."""
