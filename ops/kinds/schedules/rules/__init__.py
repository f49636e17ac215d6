"""The alarm mute rules of off-hours."""
