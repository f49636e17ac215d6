"""Files, fields and values of manifests."""
