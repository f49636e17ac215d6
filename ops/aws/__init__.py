"""Access to AWS: sessions, declared access, retries."""
