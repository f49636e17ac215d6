"""SQS queues on call: their messages, their dead letters, and how to redrive them."""
