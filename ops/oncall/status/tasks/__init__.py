"""ECS services, their tasks and their deployments."""
