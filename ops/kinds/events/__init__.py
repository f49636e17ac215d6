"""EventBridge rules of a service: whom its failed deployments and killed tasks notify."""
