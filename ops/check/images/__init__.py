"""What an image holds and starts, as far as its Dockerfile and commands show it. Pure."""
