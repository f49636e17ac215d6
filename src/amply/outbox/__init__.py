"""Messages written with the change that causes them, and sent once that is committed."""
