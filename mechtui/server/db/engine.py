"""The two kinds of database there are, and which one an address names."""

from collections.abc import Callable, Coroutine
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

from mechtui.config import PlanSetting, is_postgres
from mechtui.server.db.connection import ChangingConnection, Connection, WritingConnection
from mechtui.server.db.tables import Tell

Listen = Callable[[Callable[[], None]], Coroutine[Any, Any, None]]


class Engine(Protocol):
    """One database, of one kind. Everything here blocks, and raises `DatabaseError` with a sentence for people.

    `near`: reading a row or two takes microseconds, no network and no thread. `readers`: how many queries it is worth
    running at once.
    """

    near: bool
    readers: int

    def prepare(self, plans: tuple[PlanSetting, ...]) -> None:
        """Make the database if there is none, else bring it to this version's schema; then set its plans."""
        ...

    def open_reader(self) -> Connection:
        """A connection that only reads."""
        ...

    def open_writer(self) -> WritingConnection:
        """The connection of the one writer, with the right to be that."""
        ...

    @property
    def listen(self) -> Listen | None:
        """Calls what it is given after each commit of any backend, for ever, and now and then fails to.

        Nothing where there can be one backend only.
        """
        ...

    def changing(self, *, through: bool = True) -> AbstractContextManager[Connection]:
        """A transaction beside a running backend; the database is made first if there is none.

        A file is read through first, whether it is whole; not so without `through`, for who asks every few seconds.
        """
        ...

    def alone(self) -> AbstractContextManager[ChangingConnection]:
        """A connection for many transactions, while no backend serves; made first if there is no database."""
        ...

    def looking(self, *, through: bool = True) -> AbstractContextManager[Connection]:
        """A connection that only reads, beside a running backend; never makes a database, and takes no older one.

        `through` as for `changing`.
        """
        ...

    def upgrade(self) -> str:
        """Bring the database to this version's schema, making it if there is none. Says what was done."""
        ...

    def backup(self, target: Path, tell: Tell) -> str:
        """Copy it to a new file, whole and of one moment, while a backend may be writing to it. Says what was done.

        The file is the same for both kinds of database, so that a shop can move from one to the other.
        """
        ...

    def restore(self, saved: Path, tell: Tell) -> str:
        """Put a backup in its place; what stood there is kept. No backend may be running. Says what was done."""
        ...


def engine_of(database: str) -> Engine:
    """The database at this address. Raises `ConfigError` for one that names none."""
    if is_postgres(database):
        from mechtui.server.db.postgres.engine import PostgresEngine

        return PostgresEngine(database)
    from mechtui.server.db.sqlite.engine import SqliteEngine

    return SqliteEngine(database)
