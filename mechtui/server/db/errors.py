"""What can be wrong with a database, in words for the person who has to put it right."""


class DatabaseError(Exception):
    """The database cannot be used; the message says why and what to do."""
