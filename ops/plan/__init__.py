"""From declarations and live resources to a plan; from a plan to text or to changes."""
