"""Whether our own database is whole, and what can safely be done where it is not."""
