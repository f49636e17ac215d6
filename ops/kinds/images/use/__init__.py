"""Which images the environments of an application use."""
