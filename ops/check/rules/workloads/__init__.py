"""Jobs, App Runner and static sites."""
