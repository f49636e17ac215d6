"""The images in a repository, their scan findings, and the effect of lifecycle policies."""
