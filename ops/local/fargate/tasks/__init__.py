"""A task: its containers, processes, network, secrets and logs."""
