"""What ECS says of services, their tasks and their deployments."""
