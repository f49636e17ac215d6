"""What any package may use: settings, errors, logs, metrics, money, names of tasks."""
