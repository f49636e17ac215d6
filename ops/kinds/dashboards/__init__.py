"""A CloudWatch dashboard of each environment, drawn from what its services are."""
