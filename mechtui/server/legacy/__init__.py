"""The old database: read, looked through for damage, and moved into ours."""
