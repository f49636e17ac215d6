"""EventBridge rules that report failed deployments and killed tasks of a service."""
