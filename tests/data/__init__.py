"""Looking after the data: forgetting, copies, upgrades."""
