"""The processes that a run starts besides the tasks, and their shutdown."""
