"""The merged logs of several services."""
