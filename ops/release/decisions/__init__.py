"""What a release does next: values in, decisions out. Pure."""
