"""Application Auto Scaling of ECS services: one adapter with typed values."""
