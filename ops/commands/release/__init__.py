"""`ops release`, `ops restart`, `ops scale`."""
