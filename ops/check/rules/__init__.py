"""The rules, by what they are about. Every module here is imported by `ops.check.registry`."""
