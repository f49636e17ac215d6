"""The donation: its table, its states and the task that charges it."""
