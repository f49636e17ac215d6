"""Scaling policies on the scalable target that Copilot made; min and max stay Copilot's."""
