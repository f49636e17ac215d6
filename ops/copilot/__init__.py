"""The workspace's files, and the stacks that Copilot deployed from them."""
