"""The database: its schema, its one writer, every transition of a session, and the lists."""
