"""The images that the environments of an application use."""
