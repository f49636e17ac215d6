"""Warnings about other tools that scale the same services."""
