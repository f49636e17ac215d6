"""Reading the logs of several services as one."""
