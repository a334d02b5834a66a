"""Several backends on one PostgreSQL database."""
