"""Programs and servers of an image, by its Dockerfile and commands. Pure."""
