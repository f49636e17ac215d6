"""Numbers of tasks, and scaling."""
