"""The writer's connection: the one that serves, for as long as the backend lives, over as many lines as it takes."""

import secrets

from mechtui.server.db.errors import DatabaseBusyError, DatabaseError, WriterStoppedError
from mechtui.server.db.postgres.connection import LineLostError, PostgresConnection
from mechtui.server.db.postgres.words import in_words, shown

STATEMENT_SECONDS = 10.0
_OURS = 0x6D747569
_SERVING, _PREPARING = 1, 2


def lock_to_prepare(connection: PostgresConnection) -> None:
    """Wait until nobody else makes or upgrades the database; until the end of the transaction."""
    connection.execute("SELECT pg_advisory_xact_lock(?, ?)", (_OURS, _PREPARING))


def lock_to_serve(connection: PostgresConnection, database: str) -> None:
    """Take the right to serve the database, for as long as the line holds. Raises `DatabaseError` when it is taken."""
    taken = connection.execute("SELECT pg_try_advisory_lock(?, ?)", (_OURS, _SERVING))
    if not taken[0][0]:
        raise DatabaseError(f"another mechtui backend already serves {shown(database)}; end it first")


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
        """Take a new line. The server may not have noticed yet that the old one is gone: it is made to."""
        try:
            with in_words(self._database):
                self.open_line()
            self.execute(
                "SELECT pg_terminate_backend(pid, 2000) FROM pg_stat_activity "
                "WHERE application_name = ? AND pid <> pg_backend_pid()",
                (self._name,),
            )
        except (DatabaseError, LineLostError) as error:
            raise DatabaseBusyError(str(error)) from error
        try:
            lock_to_serve(self, self._database)
        except DatabaseError as error:
            raise WriterStoppedError(str(error)) from error
