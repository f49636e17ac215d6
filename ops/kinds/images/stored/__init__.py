"""The images in a repository: what there is, what was found in it, what a policy would expire."""
