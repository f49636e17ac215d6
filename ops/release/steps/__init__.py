"""The steps of a release, forwards and back."""
