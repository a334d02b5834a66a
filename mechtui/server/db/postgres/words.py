"""What PostgreSQL and the network say, in words for people."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import asyncpg

from mechtui.server.db.address import shown
from mechtui.server.db.errors import DatabaseError
from mechtui.server.db.postgres.connection import CONNECT_SECONDS, FAILURES, LineLostError

READERS = 4
CONNECTIONS = READERS + 3
"""Of one backend: its readers, its writer, the one it listens on, and one for a command beside it."""


@contextmanager
def in_words(database: str) -> Iterator[None]:
    """Turn what goes wrong with a server into a `DatabaseError` for people."""
    try:
        yield
    except (LineLostError, *FAILURES, ValueError) as error:
        raise DatabaseError(f"{shown(database)}: {_words(database, error)}") from error


def _words(database: str, error: Exception) -> str:
    parts = urlsplit(database)
    role, name = parts.username or "this user", parts.path.lstrip("/")
    match error:
        case socket.gaierror():
            return f"there is no host called {parts.hostname}; check the address"
        case asyncpg.InvalidPasswordError() | asyncpg.InvalidAuthorizationSpecificationError():
            return f"the server does not let {role} in ({error}); check name, password and pg_hba.conf"
        case asyncpg.InvalidCatalogNameError():
            return f"the server has no database called {name}; make it with: createdb -O {role} {name}"
        case asyncpg.TooManyConnectionsError():
            return f"the server has no connection left ({error}); a backend needs {CONNECTIONS}: raise max_connections"
        case asyncpg.InsufficientPrivilegeError():
            return f"{role} may not do that ({error}); the simplest is that it owns the database"
        case asyncpg.CannotConnectNowError():
            return f"the server is not ready ({error}); try again in a moment"
        case TimeoutError():
            return f"the server did not answer within {CONNECT_SECONDS:.0f} s; check address and network"
        case OSError():
            return f"no PostgreSQL server answers there ({error.strerror or error}); start it, or check the address"
        case LineLostError():
            return f"the line to the server was lost ({error}); try again"
        case _:
            return f"the server said: {error}"
