"""SNS topics of an environment, by severity: alarms and events notify them."""
