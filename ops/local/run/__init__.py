"""One run of `ops local`: start, deploy, state, stop."""
