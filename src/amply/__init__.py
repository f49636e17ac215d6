"""Amply."""
