"""The commands of kinds: plan, sync, list and delete for all, and those of images and off-hours."""
