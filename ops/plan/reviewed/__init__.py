"""Plans that are reviewed before they are applied."""
