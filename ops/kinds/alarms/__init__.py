"""CloudWatch alarms of a service, with dimensions found from Copilot's stacks."""
