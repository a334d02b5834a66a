"""Moving from the old database: read, looked through, planned, written."""
