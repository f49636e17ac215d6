"""ECS services: the scheduler's decisions, and their execution."""
