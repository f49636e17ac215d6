"""A report as text, JSON, SARIF and commands for GitHub Actions. Pure."""
