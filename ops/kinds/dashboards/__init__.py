"""CloudWatch dashboards, one for each environment, generated from its services."""
