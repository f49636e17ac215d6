"""ECS services: what the scheduler decides, and who carries it out."""
