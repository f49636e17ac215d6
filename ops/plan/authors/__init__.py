"""Who wrote a resource last, by CloudTrail: what tells drift by hand from drift by Copilot."""
