"""The address of a database as it may be told."""

from urllib.parse import urlsplit


def shown(database: str) -> str:
    """The address without its password."""
    parts = urlsplit(database)
    _, at, host = parts.netloc.rpartition("@")
    user = parts.username
    return f"{parts.scheme}://{user}@{host}{parts.path}" if user and at else f"{parts.scheme}://{host}{parts.path}"
