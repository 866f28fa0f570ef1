"""Results held against a baseline: what changed, what it means, and whether the gates hold."""
