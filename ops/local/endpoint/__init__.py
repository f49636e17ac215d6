"""The embedded AWS as programs reach it: moto by HTTP, and an HTTPS proxy for the Copilot CLI."""
