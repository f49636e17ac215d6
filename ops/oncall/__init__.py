"""What the engineer on call asks: status, logs, queues, and what is missing to ask."""
