"""A minimum that rises ahead of a known load: scheduled actions of the scalable target."""
