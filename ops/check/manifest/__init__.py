"""Manifests as Copilot reads them: fields, values, containers and tasks. Pure."""
