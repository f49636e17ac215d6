"""The way to AWS: sessions, declared access, retries."""
