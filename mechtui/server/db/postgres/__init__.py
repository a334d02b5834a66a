"""PostgreSQL: a server that any machine of the shop can reach."""
