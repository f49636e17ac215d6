"""Stand-ins for what a laptop lacks. Never imported in production; needs the extra `embedded`."""
