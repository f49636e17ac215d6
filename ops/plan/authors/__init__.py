"""The last author of a resource, from CloudTrail: it distinguishes manual drift from Copilot's."""
