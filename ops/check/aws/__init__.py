"""What `ops check --live` reads in AWS."""
