"""The two things a client is told: where the backend is, and the token it may be asked with."""

from urllib.parse import urlsplit


def checked_server(server: str) -> str:
    """The backend's address without a slash at its end. Raises `ValueError` unless it is http(s) and nothing but."""
    try:
        parts = urlsplit(server)
        right = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        right = False
    if not right or parts.query or parts.fragment or "@" in parts.netloc or not _printable(server):
        raise ValueError(f"{server!r} is no web address")
    return server.rstrip("/")


def checked_token(token: str) -> str:
    """The token, if it can stand in a header; else `ValueError`, which does not repeat it."""
    if not token or not _printable(token):
        raise ValueError("the token is empty or has characters no token has")
    return token


def _printable(text: str) -> bool:
    return all("!" <= character <= "~" for character in text)
