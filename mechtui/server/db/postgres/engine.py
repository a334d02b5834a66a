"""The PostgreSQL database as the rest of the backend uses it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from mechtui.config import DEFAULT_PLANS, PlanSetting
from mechtui.server.db.address import shown
from mechtui.server.db.connection import transaction
from mechtui.server.db.postgres import copies, listening, schema
from mechtui.server.db.postgres.connection import PostgresConnection
from mechtui.server.db.postgres.serving import ServingConnection, lock_out_backends
from mechtui.server.db.postgres.words import READERS, in_words
from mechtui.server.db.tables import Tell

_READING_SECONDS = 30.0
_CHANGING_SECONDS = 600.0
"""How long one step of an upgrade may take."""


class PostgresEngine:
    """The database that a `postgresql://` address names."""

    near = False
    readers = READERS

    def __init__(self, database: str) -> None:
        self._database = database

    def prepare(self, plans: tuple[PlanSetting, ...]) -> None:
        """Make the tables if there are none, else bring them to this version's schema; then set the plans."""
        with self._connected() as connection:
            schema.prepare(connection, self._database, plans)

    def open_reader(self) -> PostgresConnection:
        """A connection that only reads."""
        with in_words(self._database):
            return PostgresConnection(self._database, _READING_SECONDS, default_transaction_read_only="on")

    def open_writer(self) -> ServingConnection:
        """The writer's connection, with the right to serve."""
        return ServingConnection(self._database)

    async def listen(self, wake: Callable[[], None]) -> None:
        """Be told of commits by the server."""
        await listening.listen(self._database, wake)

    @contextmanager
    def changing(self, *, through: bool = True) -> Iterator[PostgresConnection]:
        """A transaction beside a running backend. Whether all is whole is the server's to see to."""
        with self._connected() as connection:
            if schema.version(connection, self._database) is None:
                schema.prepare(connection, self._database, DEFAULT_PLANS)
            with transaction(connection):
                yield connection

    @contextmanager
    def alone(self) -> Iterator[PostgresConnection]:
        """A connection that keeps backends out for as long as it is there."""
        with self._connected() as connection:
            if schema.version(connection, self._database) is None:
                schema.prepare(connection, self._database, DEFAULT_PLANS)
            schema.upgrade(connection, self._database)
            lock_out_backends(connection, self._database)
            yield connection

    @contextmanager
    def looking(self, *, through: bool = True) -> Iterator[PostgresConnection]:
        """A connection that only reads."""
        with self._connected() as connection:
            schema.check_current(connection, self._database)
            connection.command("SET default_transaction_read_only = on")
            yield connection

    def upgrade(self) -> str:
        """Bring the tables to this version's schema, making them if there are none."""
        with self._connected() as connection:
            had = schema.version(connection, self._database)
            if had is None:
                schema.prepare(connection, self._database, DEFAULT_PLANS)
                return f"made {shown(self._database)}, schema {schema.VERSION}"
            schema.upgrade(connection, self._database)
        if had > schema.VERSION:
            return f"{shown(self._database)} has schema {had}, which this version can serve, too; nothing to do"
        if had < schema.VERSION:
            return f"upgraded {shown(self._database)} from schema {had} to {schema.VERSION}"
        return f"{shown(self._database)} has schema {schema.VERSION} already; nothing to do"

    def backup(self, target: Path, tell: Tell) -> str:
        """Copy it into a SQLite file, whole and of one moment."""
        with self._connected() as connection:
            schema.check_current(connection, self._database, exactly=True)
            return copies.backup(connection, self._database, target, tell)

    def restore(self, saved: Path, tell: Tell) -> str:
        """Make it what the backup is; what stood there is kept in a schema of its own."""
        with self._connected() as connection:
            return copies.restore(connection, self._database, saved, tell)

    @contextmanager
    def _connected(self) -> Iterator[PostgresConnection]:
        with in_words(self._database):
            connection = PostgresConnection(self._database, _CHANGING_SECONDS)
            try:
                schema.check_server(connection)
                yield connection
            finally:
                connection.close()
