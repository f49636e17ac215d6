"""The workspace's files, and what Copilot deployed from them."""
