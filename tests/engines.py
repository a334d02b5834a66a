"""A fresh database for a test, of either kind; for PostgreSQL on a server that the tests start by themselves.

`MECHTUI_TEST_POSTGRES` may name another one: the address of a database whose role may make databases.
"""

import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal
from urllib.parse import urlsplit, urlunsplit

from mechtui.config import DEFAULT_PLANS, is_postgres, sqlite_path
from mechtui.server.db.connection import WritingConnection
from mechtui.server.db.engine import engine_of
from mechtui.server.db.postgres.connection import PostgresConnection
from mechtui.server.db.postgres.serving import ServingConnection
from mechtui.server.db.sqlite.connection import open_writer
from mechtui.server.demo.own_postgres import OwnServer

Kind = Literal["sqlite", "postgres"]
KINDS: tuple[Kind, ...] = ("sqlite", "postgres")


def silent(_: int, __: int) -> None:
    """Nobody watches how far a copy is."""


class PostgresServer:
    """A server with one database that is made already, to make others from: that is quicker than making one."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._admin = PostgresConnection(url, seconds=60)
        self._prefix = f"mechtui_test_{os.getpid()}_"
        self._numbers = itertools.count(1)
        self._template = self.empty()
        engine_of(self._at(self._template)).prepare(DEFAULT_PLANS)

    def empty(self) -> str:
        """The name of a new database without tables."""
        name = f"{self._prefix}{next(self._numbers)}"
        self._admin.command(f"CREATE DATABASE {name}")
        return name

    @contextmanager
    def database(self, *, empty: bool = False) -> Iterator[str]:
        """The address of a new database, which is gone afterwards."""
        if empty:
            name = self.empty()
        else:
            name = f"{self._prefix}{next(self._numbers)}"
            self._admin.command(f"CREATE DATABASE {name} TEMPLATE {self._template}")
        yield self._at(name)
        self._admin.command(f"DROP DATABASE {name} WITH (FORCE)")

    def close(self) -> None:
        self._admin.command(f"DROP DATABASE {self._template} WITH (FORCE)")
        self._admin.close()

    def _at(self, name: str) -> str:
        return urlunsplit(urlsplit(self._url)._replace(path=f"/{name}"))


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """The one named in the environment, else one of our own until the block ends."""
    named = os.environ.get("MECHTUI_TEST_POSTGRES")
    own = None if named else OwnServer(max_connections="200")
    try:
        server = PostgresServer(named or own.url("postgres"))  # type: ignore[union-attr]
        yield server
        server.close()
    finally:
        if own is not None:
            own.close()


def kind_of(database: str) -> str:
    """What kind of database is at this address, for people."""
    return "PostgreSQL" if is_postgres(database) else "SQLite"


def open_to_write(database: str) -> WritingConnection:
    """A connection that writes beside whoever serves the database."""
    return ServingConnection(database) if is_postgres(database) else open_writer(sqlite_path(database))
