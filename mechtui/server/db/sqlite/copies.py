"""Copies of the database file: made while it is in use, and put back.

A restored backup begins a new history (epoch): a terminal that saw events the backup does not have then takes a
snapshot, and never mixes the two.
"""

import os
from pathlib import Path

import apsw

from mechtui.server.db.errors import DatabaseError
from mechtui.server.db.sqlite import files
from mechtui.server.db.sqlite.connection import open_reader, open_writer


def backup(source: Path, target: Path) -> str:
    """Copy the database to a new file, whole and of one moment, while a backend may be writing to it."""
    if target.exists():
        raise DatabaseError(f"{target} exists already; name a new file")
    if not source.exists():
        raise DatabaseError(f"there is no database at {source}")
    with files.in_words(source):
        files.check(source)
        _copy(source, target)
    files.check(target)
    return f"copied {source} to {target} ({target.stat().st_size:,} bytes)"


def restore(path: Path, saved: Path) -> str:
    """Put a backup in the database's place; what stood there is kept beside it. No backend may be running."""
    if not saved.exists():
        raise DatabaseError(f"there is no backup at {saved}")
    with files.in_words(saved):
        files.check(saved)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = files.lock_for_serving(path)
    try:
        return _restore(path, saved)
    finally:
        lock.close()


def _restore(path: Path, saved: Path) -> str:
    fresh = path.with_name(path.name + ".restoring")
    fresh.unlink(missing_ok=True)
    _copy(saved, fresh)
    connection = open_writer(fresh)
    files.new_epoch(connection)
    connection.close()
    kept = _set_aside(path)
    fresh.replace(path)
    files.sync_folder(path.parent)
    return f"restored {path} from {saved}" + (f"; what stood there is now {kept}" if kept else "")


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


def _copy(source: Path, target: Path) -> None:
    os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    reader = open_reader(source)
    writer = apsw.Connection(str(target))
    try:
        with writer.backup("main", reader, "main") as copying:
            copying.step()
        writer.pragma("journal_mode", "wal")
    finally:
        writer.close()
        reader.close()
