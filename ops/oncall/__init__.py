"""Tools for the engineer on call: status, logs, queues, and checks of the setup."""
