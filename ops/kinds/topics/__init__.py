"""SNS topics of an environment, by severity: whom its alarms notify."""
