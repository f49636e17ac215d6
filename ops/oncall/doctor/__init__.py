"""Whether this machine, its sign-in and the workspace are fit for the other commands."""
