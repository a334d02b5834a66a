"""The writer's connection, for as long as the backend lives, over as many lines as it takes.

Any number of backends serve one database. Their writers take turns: each transaction begins with a lock on the head of
the feed, so that there is one order of everything, and nobody waits for anybody who waits for him.
"""

import secrets
from typing import ClassVar

import asyncpg

from mechtui.server.db import outbox
from mechtui.server.db.address import shown
from mechtui.server.db.errors import DatabaseBusyError, DatabaseError
from mechtui.server.db.events import Batch
from mechtui.server.db.postgres.connection import LineLostError, PostgresConnection
from mechtui.server.db.postgres.words import in_words

STATEMENT_SECONDS = 10.0
_HANGING = "2s"
"""A backend that does nothing for so long in the middle of a transaction loses it, so that the others can go on."""
_PREPARED_WITHIN = "60s"
"""Making the tables may take longer than a lock is else waited for: those who start meanwhile wait."""
_OURS = 0x6D747569
_SERVING, _PREPARING = 1, 2
_END_THE_OLD = (
    "SELECT pg_terminate_backend(pid, 2000) FROM pg_stat_activity "
    "WHERE application_name = ? AND pid <> pg_backend_pid()"
)
_BY_KEYS = {"plan_cache_mode": "force_generic_plan", "enable_seqscan": "off"}
"""The writer looks rows up by their keys. A plan made while tables were small must not read through them for good."""
_TAKE_TURN = "BEGIN; SELECT seq FROM feed_head FOR UPDATE"


def lock_to_prepare(connection: PostgresConnection) -> None:
    """Wait until nobody else makes or upgrades the database; until the end of the transaction."""
    connection.command(f"SET LOCAL lock_timeout = '{_PREPARED_WITHIN}'")
    connection.execute("SELECT pg_advisory_xact_lock(?, ?)", (_OURS, _PREPARING))
    connection.command("SET LOCAL lock_timeout TO DEFAULT")


def lock_to_serve(connection: PostgresConnection, database: str) -> None:
    """Take part in serving the database, for as long as the line holds. Raises `DatabaseError` while it is upgraded."""
    try:
        connection.execute("SELECT pg_advisory_lock_shared(?, ?)", (_OURS, _SERVING))
    except asyncpg.LockNotAvailableError as error:
        raise DatabaseError(f"{shown(database)} is being upgraded; try again in a moment") from error


def lock_out_backends(connection: PostgresConnection, database: str) -> None:
    """Have the database without any backend. Raises `DatabaseError` while one serves it.

    Waits a little: the server may not have noticed yet that a backend has died.
    """
    try:
        connection.execute("SELECT pg_advisory_lock(?, ?)", (_OURS, _SERVING))
    except asyncpg.LockNotAvailableError as error:
        raise DatabaseError(f"backends serve {shown(database)}; end all of them first") from error


def unlock(connection: PostgresConnection) -> None:
    """Let backends serve again."""
    connection.execute("SELECT pg_advisory_unlock(?, ?)", (_OURS, _SERVING))


class ServingConnection(PostgresConnection):
    """A connection that takes part in serving, on a new line when it has lost one. Raises `DatabaseError`."""

    shared: ClassVar[bool] = True

    def __init__(self, database: str) -> None:
        self._database = database
        self._name = f"mechtui {secrets.token_hex(8)}"
        with in_words(database):
            super().__init__(
                database,
                STATEMENT_SECONDS,
                application_name=self._name,
                idle_in_transaction_session_timeout=_HANGING,
                **_BY_KEYS,
            )
        try:
            lock_to_serve(self, database)
        except BaseException:
            self.close()
            raise

    def begin(self) -> bool:
        """Begin a transaction that writes, on a new line if need be, once it is this backend's turn."""
        fresh = self.is_lost()
        if fresh:
            self._reconnect()
        try:
            self.command(_TAKE_TURN)
        except LineLostError:
            self._reconnect()
            self.command(_TAKE_TURN)
            fresh = True
        return fresh

    def announce(self, batch: Batch) -> None:
        """Leave the events in the outbox, and wake the other backends once they are there."""
        outbox.leave(self, self._name, batch)

    def happened(self, batch: Batch) -> bool:
        """Whether its events are in the outbox. The old line was ended when this one was taken."""
        return outbox.happened(self, self._name, batch)

    def _reconnect(self) -> None:
        """Take a new line. The server may not have noticed yet that the old one is gone: it is made to.

        Raises `DatabaseError` while the database is upgraded.
        """
        try:
            with in_words(self._database):
                self.open_line()
        except DatabaseError as error:
            raise DatabaseBusyError(str(error)) from error
        try:
            self.execute(_END_THE_OLD, (self._name,))
            lock_to_serve(self, self._database)
        except BaseException:
            self.drop()
            raise
