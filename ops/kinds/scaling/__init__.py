"""Scaling policies on Copilot's scalable targets, whose minimum and maximum stay Copilot's."""
