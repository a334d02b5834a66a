"""Looking after the database file: upgrade, backup while it is in use, restore.

A restored backup begins a new history (epoch): a terminal that saw events the backup does not have then takes a
snapshot, and never mixes the two.
"""

import os
from pathlib import Path

import apsw

from mechtui.config import DEFAULT_PLANS, sqlite_path
from mechtui.server.db import engine
from mechtui.server.db.errors import DatabaseError


def upgrade(database: str) -> str:
    """Bring the database to this version's schema, making it if there is none. Says what was done."""
    path = sqlite_path(database)
    existed = path.exists() and path.stat().st_size > 0
    if not existed:
        engine.prepare(path, DEFAULT_PLANS)
        return f"made {path}, schema {engine.SCHEMA_VERSION}"
    with engine.in_words(path):
        engine.check(path)
        had = engine.upgrade(path)
    if had < engine.SCHEMA_VERSION:
        return f"upgraded {path} from schema {had} to {engine.SCHEMA_VERSION}"
    return f"{path} has schema {engine.SCHEMA_VERSION} already; nothing to do"


def backup(database: str, target: Path) -> str:
    """Copy the database to a new file, whole and of one moment, while a backend may be writing to it."""
    source = sqlite_path(database)
    if target.exists():
        raise DatabaseError(f"{target} exists already; name a new file")
    if not source.exists():
        raise DatabaseError(f"there is no database at {source}")
    with engine.in_words(source):
        engine.check(source)
        _copy(source, target)
    engine.check(target)
    return f"copied {source} to {target} ({target.stat().st_size:,} bytes)"


def restore(database: str, saved: Path) -> str:
    """Put a backup in the database's place; what stood there is kept beside it. No backend may be running."""
    path = sqlite_path(database)
    if not saved.exists():
        raise DatabaseError(f"there is no backup at {saved}")
    with engine.in_words(saved):
        engine.check(saved)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = engine.lock_for_serving(path)
    try:
        return _restore(path, saved)
    finally:
        lock.close()


def _restore(path: Path, saved: Path) -> str:
    fresh = path.with_name(path.name + ".restoring")
    fresh.unlink(missing_ok=True)
    _copy(saved, fresh)
    connection = engine.open_writer(fresh)
    engine.new_epoch(connection)
    connection.close()
    kept = _set_aside(path)
    fresh.replace(path)
    engine.sync_folder(path.parent)
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
    reader = engine.open_reader(source)
    writer = apsw.Connection(str(target))
    try:
        with writer.backup("main", reader, "main") as copying:
            copying.step()
        writer.pragma("journal_mode", "wal")
    finally:
        writer.close()
        reader.close()
