"""Copies of the database file: made while it is in use, and put back.

A restored backup begins a new history (epoch): a terminal that saw events the backup does not have then takes a
snapshot, and never mixes the two. Whoever asked to be forgotten after the backup was made is forgotten again.
"""

import os
from pathlib import Path

import apsw

from mechtui.server.db.errors import DatabaseError
from mechtui.server.db.sqlite import files
from mechtui.server.db.sqlite.connection import open_reader, open_writer
from mechtui.server.db.tables import Tell

_PAGES = 4_096
"""So many are copied between one word on how far it is and the next."""


def must_be_new(target: Path) -> None:
    """Raise `DatabaseError` rather than write over a file."""
    if target.exists():
        raise DatabaseError(f"{target} exists already; name a new file")


def backup(source: Path, target: Path, tell: Tell) -> str:
    """Copy the database to a new file, whole and of one moment, while a backend may be writing to it."""
    must_be_new(target)
    if not source.exists():
        raise DatabaseError(f"there is no database at {source}")
    with files.in_words(source):
        files.check(source)
        copy(source, target, tell)
    files.check(target)
    return f"copied {source} to {target} ({target.stat().st_size:,} bytes)"


def restore(path: Path, saved: Path, tell: Tell) -> str:
    """Put a backup in the database's place; what stood there is kept beside it. No backend may be running."""
    if not saved.exists():
        raise DatabaseError(f"there is no backup at {saved}")
    with files.in_words(saved):
        files.check(saved)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = files.lock_for_serving(path)
    try:
        return _restore(path, saved, tell)
    finally:
        lock.close()


def _restore(path: Path, saved: Path, tell: Tell) -> str:
    asked, doubt = _who_asked(path)
    fresh = path.with_name(path.name + ".restoring")
    fresh.unlink(missing_ok=True)
    copy(saved, fresh, tell)
    connection = open_writer(fresh)
    files.bring_up_to_date(connection, fresh)
    with connection:
        files.new_epoch(connection)
        connection.executemany(_ASKED, asked)
    connection.close()
    kept = _set_aside(path)
    fresh.replace(path)
    files.sync_folder(path.parent)
    return f"restored {path} from {saved}" + (f"; what stood there is now {kept}" if kept else "") + doubt


_ASKED = (
    "INSERT INTO removals (customer_id, asked_at, asked_by) SELECT id, :asked_at, :asked_by FROM customers "
    "WHERE id = :id ON CONFLICT (customer_id) DO UPDATE SET done_at = NULL"
)


def _who_asked(path: Path) -> tuple[list[dict[str, object]], str]:
    """Whoever asked to be forgotten in what stands there; where that cannot be read, that it cannot, in words."""
    if not path.exists():
        return [], ""
    try:
        with files.in_words(path):
            files.check(path)
            reader = open_reader(path)
            there = reader.execute("SELECT 1 FROM sqlite_schema WHERE name = 'removals'").fetchall()
            sql = "SELECT customer_id, asked_at, asked_by FROM removals"
            rows = reader.execute(sql).fetchall() if there else []
            reader.close()
    except DatabaseError as error:
        return [], f"; whoever asked to be forgotten since that backup must be forgotten again by hand, since {error}"
    return [{"id": row[0], "asked_at": row[1], "asked_by": row[2]} for row in rows], ""


def _set_aside(path: Path) -> Path | None:
    """Move the database that stands at `path` away, with its journal: it may hold what nothing else does."""
    if not path.exists():
        return None
    number = 1
    while (kept := path.with_name(f"{path.name}.before-restore-{number}")).exists():
        number += 1
    for suffix in ("-wal", "-shm", ""):
        part = Path(f"{path}{suffix}")
        if part.exists():
            part.rename(f"{kept}{suffix}")
    return kept


def copy(source: Path, target: Path, tell: Tell) -> None:
    """Copy a file as it is at one moment, with what its journal holds."""
    os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    reader = open_reader(source)
    writer = apsw.Connection(str(target))
    try:
        reader.begin_reading()
        reader.execute("SELECT count(*) FROM sqlite_schema").fetchall()
        with writer.backup("main", reader, "main") as copying:
            while not copying.done:
                copying.step(_PAGES)
                tell(copying.page_count - copying.remaining, copying.page_count)
        writer.pragma("journal_mode", "wal")
    finally:
        writer.close()
        reader.close()
