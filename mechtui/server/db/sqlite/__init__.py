"""SQLite: one file on the backend's machine."""
