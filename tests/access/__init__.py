"""Nobody where he does not belong."""
