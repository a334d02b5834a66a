"""The old database itself, where it can still be reached: only read, and in one transaction, so as of one moment."""

import json
from collections.abc import Iterator, Sequence

from mechtui.server.db.postgres.connection import PostgresConnection
from mechtui.server.db.postgres.words import in_words
from mechtui.server.legacy.source import Cells

_SECONDS = 600.0
_ROWS_AT_ONCE = 500


class PostgresSource:
    """The tables of the schema `public`. Raises `DatabaseError`."""

    def __init__(self, database: str) -> None:
        self._database = database
        with in_words(database):
            self._connection = PostgresConnection(database, _SECONDS, default_transaction_read_only="on")
            self._connection.begin_reading()

    def tables(self) -> Sequence[str]:
        """The names of its tables."""
        with in_words(self._database):
            rows = self._connection.execute(
                "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
            )
        return tuple(str(name) for (name,) in rows)

    def rows(self, table: str) -> Iterator[Cells]:
        """Each row, as PostgreSQL makes JSON of it."""
        quoted = table.replace('"', '""')
        with in_words(self._database):
            self._connection.command(
                f'DECLARE each_row NO SCROLL CURSOR FOR SELECT row_to_json(t)::text FROM public."{quoted}" t'
            )
            while rows := self._connection.execute(f"FETCH {_ROWS_AT_ONCE} FROM each_row"):
                for (text,) in rows:
                    yield json.loads(text)
            self._connection.command("CLOSE each_row")

    def content(self, path: str) -> bytes | None:
        """Files do not lie in the database."""
        return None

    def close(self) -> None:
        """Let the line go."""
        self._connection.close()
