"""The endpoints of the embedded AWS: moto by HTTP, and an HTTPS proxy for the Copilot CLI."""
