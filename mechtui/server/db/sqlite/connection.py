"""Connections to the SQLite file.

The `apsw` wheel carries a SQLite without the WAL-reset bug of 3.7.0 to 3.51.2, which Python's own often has.
"""

import json
from collections.abc import Iterable, Mapping
from itertools import chain
from pathlib import Path
from typing import IO, Any, ClassVar

import apsw

from mechtui.server.db.connection import Columns, Raised, Row, over
from mechtui.server.db.errors import DatabaseBusyError, DatabaseError
from mechtui.server.db.events import Batch
from mechtui.text import fold

_BUSY_MS = 2_000
_CACHE_KIB = 16_384
_ROWS_AT_ONCE = 64
_PAIRS = "json_each(:pairs) AS w"


class SqliteConnection(apsw.Connection):
    """A connection as `apsw` has it, with what the rest of the backend asks of one.

    `lock` is the right to serve the file, where it goes with the connection. A commit that failed may yet have
    happened, and only a restart tells: so nothing here counts as `undone`.
    """

    violated: ClassVar[Raised] = apsw.ConstraintError
    lost: ClassVar[Raised] = ()
    fatal: ClassVar[Raised] = (apsw.FullError, apsw.IOError, apsw.CorruptError, apsw.NoMemError)
    undone: ClassVar[Raised] = ()
    shared: ClassVar[bool] = False
    lock: IO[bytes] | None = None

    def for_each(self, sql: str, pairs: Mapping[str, str], params: Mapping[str, Any], /) -> list[Row]:
        """Run one statement for all pairs at once: what does not depend on the pair is done once."""
        return self.execute(over(_PAIRS, sql), {"pairs": json.dumps(pairs), **params}).fetchall()

    def insert(self, columns: Columns, rows: Iterable[Row], /) -> None:
        """Insert rows, many with each statement: that takes half the time."""
        left = list(rows)
        while left:
            count = min(_ROWS_AT_ONCE, 1 << len(left).bit_length() - 1)
            self.execute(_insertion(columns, count), tuple(chain(*left[:count])))
            del left[:count]

    def begin_reading(self) -> None:
        """Begin a transaction that sees one moment."""
        self.execute("BEGIN")

    def begin(self) -> bool:
        """Begin a transaction that writes; the line is always the same."""
        try:
            self.execute("BEGIN IMMEDIATE")
        except apsw.BusyError as error:
            raise DatabaseBusyError(str(error)) from error
        return False

    def commit(self) -> None:
        """Make the transaction durable."""
        self.execute("COMMIT")

    def announce(self, batch: Batch) -> None:
        """There is nobody else."""

    def happened(self, batch: Batch) -> bool:
        """The file is never lost while a process lives, so there is nothing to ask."""
        raise AssertionError(f"no commit to SQLite goes without an answer: {batch}")

    def rollback(self) -> None:
        """Leave the transaction undone."""
        self.execute("ROLLBACK")

    def close(self, force: bool = False) -> None:
        """Let go the file, then the right to it."""
        super().close(force)
        if self.lock is not None:
            self.lock.close()


def _insertion(columns: Columns, count: int) -> str:
    row = f"({', '.join('?' * len(columns.each))})"
    return f"INSERT INTO {columns.table} ({columns.names}) VALUES {', '.join([row] * count)}"


def open_reader(path: Path) -> SqliteConnection:
    """A read-only connection. It sees each commit whole, and never holds up the writer."""
    connection = _connect(path, apsw.SQLITE_OPEN_READONLY)
    connection.create_scalar_function("fold", _fold, 1, deterministic=True)
    return connection


def open_writer(path: Path) -> SqliteConnection:
    """A connection that writes, to a file made and checked before. FULL sync: a commit survives a power cut.

    What is removed is overwritten, too: a customer who was forgotten is nowhere in the file.
    """
    connection = _connect(path, apsw.SQLITE_OPEN_READWRITE)
    connection.pragma("journal_mode", "wal")
    connection.pragma("synchronous", "full")
    connection.pragma("foreign_keys", True)
    connection.pragma("secure_delete", True)
    # What a statement would undo itself with stays out of files, whose writing costs as much as that of the journal.
    connection.pragma("temp_store", "memory")
    settings = [connection.pragma(name) for name in ("journal_mode", "synchronous", "foreign_keys")]
    if settings != ["wal", 2, 1]:
        raise DatabaseError(f"SQLite would not keep {path} safe (it answered {settings}); is it on a network drive?")
    return connection


def _connect(path: Path, flags: int) -> SqliteConnection:
    connection = SqliteConnection(str(path), flags=flags)
    connection.set_busy_timeout(_BUSY_MS)
    connection.pragma("cache_size", -_CACHE_KIB)
    # Plans that do not look at the values bound: else every statement is planned anew each time it is run.
    connection.config(apsw.SQLITE_DBCONFIG_ENABLE_QPSG, 1)
    return connection


def _fold(*values: object) -> str:
    return fold(str(values[0]))
