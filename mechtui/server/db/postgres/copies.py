"""A PostgreSQL database copied into a SQLite file, and made of one: the same form of backup for both kinds.

No tool of PostgreSQL's is needed, and a shop moves from one kind to the other by a backup and a restore.
"""

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from mechtui.server.db.address import shown
from mechtui.server.db.connection import Connection, Row, transaction
from mechtui.server.db.events import begin_new_history
from mechtui.server.db.postgres import schema
from mechtui.server.db.postgres.connection import PostgresConnection
from mechtui.server.db.postgres.serving import lock_out_backends, lock_to_prepare, unlock
from mechtui.server.db.sqlite import exchange
from mechtui.server.db.tables import Table, Tell

_KEPT = "before_restore_"


def backup(connection: PostgresConnection, database: str, target: Path, tell: Tell) -> str:
    """Copy everything to a new file, as it is at one moment, while backends may be writing. Says what was done."""
    with exchange.filling(target) as file:
        tables = exchange.tables(file)
        connection.begin_reading()
        try:
            of, done = sum(_count(connection, table) for table in tables), 0
            for table in tables:
                for rows in _fetched(connection, table):
                    file.insert(table.columns, rows)
                    done += len(rows)
                    tell(done, of)
        finally:
            connection.rollback()
    return f"copied {shown(database)} to {target} ({done:,} rows, {target.stat().st_size:,} bytes)"


def restore(connection: PostgresConnection, database: str, saved: Path, tell: Tell) -> str:
    """Make the database what the backup is, under a new history. Says what was done, and where what stood there is.

    All of it or nothing. Raises `DatabaseError` while a backend serves it.
    """
    with exchange.reading(saved) as file, transaction(connection):
        lock_to_prepare(connection)
        lock_out_backends(connection, database)
        kept = _set_aside(connection, database)
        schema.make(connection)
        connection.execute("DELETE FROM feed_head")
        tables = exchange.tables(file)
        of, done = sum(_count(file, table) for table in tables), 0
        for table in tables:
            for rows in _in_parts(file.execute(f"SELECT {table.columns.names} FROM {table.name}"), table.rows):
                connection.insert(table.columns, rows)
                done += len(rows)
                tell(done, of)
        begin_new_history(connection)
        _remember_who_asked(connection, kept)
    unlock(connection)
    return f"restored {shown(database)} from {saved}" + (f"; what stood there is now the schema {kept}" if kept else "")


def _count(connection: Connection, table: Table) -> int:
    return int(connection.execute(f"SELECT count(*) FROM {table.name}").fetchall()[0][0])


def _fetched(connection: PostgresConnection, table: Table) -> Iterator[list[Row]]:
    """The rows of a table, so many at a time, in a transaction that is open already."""
    cursor = f"copy_of_{table.name}"
    connection.command(f"DECLARE {cursor} NO SCROLL CURSOR FOR SELECT {table.columns.names} FROM {table.name}")
    while rows := connection.execute(f"FETCH {table.rows} FROM {cursor}"):
        yield rows
    connection.command(f"CLOSE {cursor}")


def _in_parts(rows: Iterable[Row], size: int) -> Iterator[list[Row]]:
    each = iter(rows)
    while part := list(islice(each, size)):
        yield part


def _set_aside(connection: PostgresConnection, database: str) -> str:
    """Move all that stands there into a schema of its own: it may hold what nothing else does. Empty: nothing did."""
    tables = schema.tables_there(connection, database)
    if not tables:
        return ""
    taken = {name for (name,) in connection.execute("SELECT nspname FROM pg_namespace")}
    kept = next(name for number in range(1, len(taken) + 2) if (name := f"{_KEPT}{number}") not in taken)
    connection.command(f"CREATE SCHEMA {kept}")
    routines = "SELECT oid::regprocedure::text FROM pg_proc WHERE pronamespace = current_schema()::regnamespace"
    moved = [f"TABLE {name}" for name in tables] + [f"ROUTINE {name}" for (name,) in connection.execute(routines)]
    for name in moved:
        connection.command(f"ALTER {name} SET SCHEMA {kept}")
    return kept


def _remember_who_asked(connection: PostgresConnection, kept: str) -> None:
    """Whoever had asked to be forgotten in what stood there is forgotten again in what takes its place."""
    if not kept or not connection.execute("SELECT to_regclass(?)", (f"{kept}.removals",))[0][0]:
        return
    connection.command(
        f"INSERT INTO removals (customer_id, asked_at, asked_by) SELECT customer_id, asked_at, asked_by "
        f"FROM {kept}.removals WHERE customer_id IN (SELECT id FROM customers) "
        "ON CONFLICT (customer_id) DO UPDATE SET done_at = NULL"
    )
