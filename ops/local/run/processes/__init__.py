"""The processes that a run starts beside the tasks, and how they stop."""
