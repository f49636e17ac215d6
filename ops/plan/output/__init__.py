"""Plans and lists as text, JSON and Markdown."""
