"""The running state of an environment, and the reasons for its task counts."""
