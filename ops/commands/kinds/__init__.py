"""The commands of kinds: plan, sync, list and delete for all; more for images and off-hours."""
