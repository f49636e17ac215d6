"""Containers of a task."""
