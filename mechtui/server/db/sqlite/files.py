"""The SQLite file: made, checked and brought up to date, or a clear sentence and the file untouched."""

import fcntl
import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import IO

import apsw

from mechtui.config import PlanSetting
from mechtui.server.db import plans
from mechtui.server.db.errors import DatabaseError, ServedError
from mechtui.server.db.sqlite.connection import open_reader, open_writer

STEPS = tuple(sorted(path.name for path in files("mechtui.server.db").joinpath("schema").iterdir()))
"""The files of `schema/`, in order. A fresh database is given all of them, an older one those it has not had."""
SCHEMA_VERSION = int(STEPS[-1][:2])
APPLICATION_ID = 0x6D747569
"""Marks a file as ours (`mtui`), in SQLite's header."""

_OLDEST_SQLITE = 3_051_003


def prepare(path: Path, wanted: tuple[PlanSetting, ...]) -> None:
    """Make the database if there is none, else bring it to this version's schema. Then set its plans.

    Raises `DatabaseError` and leaves the file as it was when it is damaged, locked, made by a newer version, or not
    a database of ours.
    """
    if apsw.SQLITE_VERSION_NUMBER < _OLDEST_SQLITE:
        raise DatabaseError(f"SQLite {apsw.sqlitelibversion()} can lose committed writes; 3.51.3 or newer is needed")
    with in_words(path):
        if path.exists() and path.stat().st_size > 0:
            check(path)
            upgrade(path)
        else:
            _create(path)
        _set_plans(path, wanted)


def check(path: Path, *, through: bool = True) -> int:
    """The version of the schema of `path`. Only reads.

    Raises `DatabaseError` unless it is a database of ours, not newer than this version; and a whole one, for which it
    is read through: about a second for each GiB.
    """
    reader = open_reader(path)
    try:
        if reader.pragma("application_id") != APPLICATION_ID:
            raise DatabaseError(f"{path} is a database, but not one of mechtui; name another file")
        version = int(reader.pragma("user_version"))
        if version > SCHEMA_VERSION:
            raise DatabaseError(
                f"{path} was made by a newer mechtui (its schema is {version}, this one knows {SCHEMA_VERSION}); "
                "use that version"
            )
        if through and (verdict := str(reader.execute("PRAGMA quick_check(1)").fetchall()[0][0])) != "ok":
            raise _damaged(path, verdict)
        return version
    finally:
        reader.close()


def check_current(path: Path, *, through: bool) -> None:
    """Raise `DatabaseError` unless `path` is a database of ours, and of this version; as `check` does. Only reads."""
    if not path.exists():
        raise DatabaseError(f"there is no database at {path}; check the path")
    had = check(path, through=through)
    if had < SCHEMA_VERSION:
        raise DatabaseError(
            f"{path} has schema {had}, and this version needs {SCHEMA_VERSION}; bring it there with: mechtui db upgrade"
        )


@contextmanager
def in_words(path: Path) -> Iterator[None]:
    """Turn what SQLite and the file system say of `path` into a `DatabaseError` for people."""
    try:
        yield
    except (apsw.NotADBError, apsw.CorruptError) as error:
        raise _damaged(path, str(error)) from error
    except apsw.BusyError as error:
        raise DatabaseError(f"{path} is locked by another program; end that program, then try again") from error
    except (apsw.CantOpenError, apsw.ReadOnlyError, apsw.PermissionsError, OSError) as error:
        raise DatabaseError(f"{path} cannot be opened ({error}); check the path and its rights") from error
    except (apsw.FullError, apsw.IOError) as error:
        raise DatabaseError(f"{path} cannot be read or written ({error}); check the disk") from error


def lock_for_serving(path: Path) -> IO[bytes]:
    """Hold the right to serve `path` for as long as the returned file is open. One backend a file."""
    # Whoever can open it can take it, and so keep the backend from starting.
    lock = os.fdopen(os.open(f"{path}.lock", os.O_CREAT | os.O_APPEND | os.O_WRONLY | os.O_CLOEXEC, 0o600), "ab")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock.close()
        raise ServedError(f"another mechtui backend already serves {path}; end it first") from error
    return lock


def sync_folder(folder: Path) -> None:
    """Make sure that names made or changed in `folder` survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def new_epoch(connection: apsw.Connection) -> None:
    """Begin a new history, so that no terminal goes on from a position in the old one."""
    connection.execute("UPDATE feed_head SET epoch = ?", (secrets.token_hex(16),))


def _create(path: Path) -> None:
    """Make the database beside its place and put it there in one step: nobody ever sees half of it."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}.new")
    fresh.touch(mode=0o600, exist_ok=False)
    try:
        _fill(fresh)
        if path.exists() and path.stat().st_size == 0:
            fresh.replace(path)
        else:
            path.hardlink_to(fresh)
        sync_folder(path.parent)
    except FileExistsError:
        check(path)
    finally:
        fresh.unlink(missing_ok=True)


def _fill(path: Path) -> None:
    connection = apsw.Connection(str(path))
    try:
        connection.pragma("journal_mode", "wal")
        connection.pragma("synchronous", "full")
        with connection:
            lay_out(connection)
            connection.execute("INSERT INTO feed_head (one, epoch, seq) VALUES (1, ?, 0)", (secrets.token_hex(16),))
    finally:
        connection.close()


def lay_out(connection: apsw.Connection) -> None:
    """Make the tables of this version in an empty file, without a row in them."""
    _apply_steps(connection, STEPS)
    connection.pragma("application_id", APPLICATION_ID)


def upgrade(path: Path) -> int:
    """Bring a database of ours to this version's schema, all of it or nothing; gives the version it had.

    Raises `DatabaseError` while a backend of an older version serves it.
    """
    connection = open_writer(path)
    try:
        had = int(connection.pragma("user_version"))
        if had < SCHEMA_VERSION:
            with lock_for_serving(path):
                bring_up_to_date(connection, path)
    finally:
        connection.close()
    return had


def bring_up_to_date(connection: apsw.Connection, path: Path) -> None:
    """Give a file that nobody serves the steps it has not had: all of them or none. Raises `DatabaseError`."""
    connection.transaction_mode = "IMMEDIATE"
    # A step may build a table anew; what refers to it must not notice.
    connection.pragma("foreign_keys", False)
    with connection:
        had = int(connection.pragma("user_version"))
        _apply_steps(connection, [step for step in STEPS if int(step[:2]) > had])
        check_references(connection, path)


def check_references(connection: apsw.Connection, path: Path) -> None:
    """Raise `DatabaseError` where a row refers to one that is not there."""
    if lost := connection.execute("PRAGMA foreign_key_check").fetchall():
        raise DatabaseError(f"{path} cannot be used: {len(lost)} rows refer to rows that are not there")


def _apply_steps(connection: apsw.Connection, steps: Iterable[str]) -> None:
    for step in steps:
        connection.execute(files("mechtui.server.db").joinpath("schema", step).read_text())
        connection.pragma("user_version", int(step[:2]))


def _set_plans(path: Path, wanted: tuple[PlanSetting, ...]) -> None:
    """Store the plans on offer, which also proves that the file can be written."""
    connection = open_writer(path)
    connection.transaction_mode = "IMMEDIATE"
    try:
        with connection:
            plans.put(connection, wanted)
    except apsw.ConstraintError as error:
        raise plans.do_not_fit(str(path), error) from error
    finally:
        connection.close()


def _damaged(path: Path, verdict: str) -> DatabaseError:
    return DatabaseError(
        f"{path} is damaged ({verdict}) and was left as it is; put a backup in its place with: "
        f"mechtui db restore BACKUP --database sqlite:///{path}"
    )
