"""The writer's connection: the one that serves, for as long as the backend lives, over as many lines as it takes."""

import secrets

import asyncpg

from mechtui.server.db.address import shown
from mechtui.server.db.errors import DatabaseBusyError, DatabaseError
from mechtui.server.db.postgres.connection import LineLostError, PostgresConnection
from mechtui.server.db.postgres.words import in_words

STATEMENT_SECONDS = 10.0
_OURS = 0x6D747569
_SERVING, _PREPARING = 1, 2
_END_THE_OLD = (
    "SELECT pg_terminate_backend(pid, 2000) FROM pg_stat_activity "
    "WHERE application_name = ? AND pid <> pg_backend_pid()"
)


def lock_to_prepare(connection: PostgresConnection) -> None:
    """Wait until nobody else makes or upgrades the database; until the end of the transaction."""
    connection.execute("SELECT pg_advisory_xact_lock(?, ?)", (_OURS, _PREPARING))


def lock_to_serve(connection: PostgresConnection, database: str) -> None:
    """Take the right to serve the database, for as long as the line holds.

    Waits a little: the server may not have noticed yet that a backend has died. Raises `DatabaseError`.
    """
    try:
        connection.execute("SELECT pg_advisory_lock(?, ?)", (_OURS, _SERVING))
    except asyncpg.LockNotAvailableError as error:
        raise DatabaseError(f"another mechtui backend already serves {shown(database)}; end it first") from error


def unlock(connection: PostgresConnection) -> None:
    """Give back the right to serve."""
    connection.execute("SELECT pg_advisory_unlock(?, ?)", (_OURS, _SERVING))


class ServingConnection(PostgresConnection):
    """A connection with the right to serve, that takes a new line when it has lost one. Raises `DatabaseError`."""

    def __init__(self, database: str) -> None:
        self._database = database
        self._name = f"mechtui {secrets.token_hex(8)}"
        with in_words(database):
            super().__init__(database, STATEMENT_SECONDS, application_name=self._name)
        try:
            lock_to_serve(self, database)
        except BaseException:
            self.close()
            raise

    def begin(self) -> bool:
        """Begin a transaction that writes, on a new line if need be."""
        fresh = self.is_lost()
        if fresh:
            self._reconnect()
        try:
            self.command("BEGIN")
        except LineLostError:
            self._reconnect()
            self.command("BEGIN")
            fresh = True
        return fresh

    def _reconnect(self) -> None:
        """Take a new line. The server may not have noticed yet that the old one is gone: it is made to.

        Raises `DatabaseError` when another backend serves the database by now.
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
