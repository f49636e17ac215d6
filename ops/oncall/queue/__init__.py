"""SQS queues on call: what is in them, what is dead, and how it gets back."""
