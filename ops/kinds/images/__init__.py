"""ECR repositories with their lifecycle policies, which all environments share."""
