"""ECR repositories and their lifecycle policies, which all environments share."""
