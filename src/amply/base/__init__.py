"""Modules for any package: settings, errors, logs, metrics, money, names of tasks."""
