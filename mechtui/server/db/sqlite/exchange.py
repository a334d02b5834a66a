"""A SQLite file as the form of every backup: filled with the rows of another kind of database, and read into one."""

import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mechtui.server.db.connection import Columns
from mechtui.server.db.errors import DatabaseError
from mechtui.server.db.sqlite import copies, files
from mechtui.server.db.sqlite.connection import SqliteConnection, open_reader
from mechtui.server.db.tables import LARGE_ROWS, ROWS, TABLES, Table


@contextmanager
def filling(target: Path) -> Iterator[SqliteConnection]:
    """An empty file of this version's schema, which is at `target` when the block ends well, and else nowhere."""
    copies.must_be_new(target)
    part = target.with_name(f"{target.name}.{secrets.token_hex(4)}.part")
    with files.in_words(target):
        part.touch(mode=0o600, exist_ok=False)
        try:
            yield from _filled(part)
            part.rename(target)
            files.sync_folder(target.parent)
        finally:
            part.unlink(missing_ok=True)


def _filled(part: Path) -> Iterator[SqliteConnection]:
    """Nobody else sees the file, so it needs no journal; it is synced once, when it is whole."""
    connection = SqliteConnection(str(part))
    try:
        connection.pragma("journal_mode", "off")
        connection.pragma("synchronous", "off")
        with connection:
            files.lay_out(connection)
            yield connection
        files.check_references(connection, part)
        connection.pragma("journal_mode", "wal")
    finally:
        connection.close()
    handle = os.open(part, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def reading(saved: Path) -> Iterator[SqliteConnection]:
    """A backup with this version's schema; one of an older version is brought there first, in a copy of it."""
    if not saved.exists():
        raise DatabaseError(f"there is no backup at {saved}")
    with tempfile.TemporaryDirectory(prefix="mechtui-restore-") as folder, files.in_words(saved):
        if files.check(saved) < files.SCHEMA_VERSION:
            older, saved = saved, Path(folder) / "upgraded.db"
            copies.copy(older, saved, lambda _, __: None)
            files.upgrade(saved)
        connection = open_reader(saved)
        try:
            yield connection
        finally:
            connection.close()


def tables(connection: SqliteConnection) -> list[Table]:
    """Every table that is copied, with its columns as this version has them."""
    return [_table(connection, name) for name in TABLES]


def _table(connection: SqliteConnection, name: str) -> Table:
    columns = tuple(str(row[1]) for row in connection.execute(f"PRAGMA table_info({name})"))
    return Table(Columns(name, columns), LARGE_ROWS.get(name, ROWS))
