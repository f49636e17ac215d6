"""What a release reads and writes in AWS."""
