"""The AWS resources of off-hours: scalable targets, scheduled actions and alarm mute rules."""
