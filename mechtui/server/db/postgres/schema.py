"""The tables in PostgreSQL: made, checked and brought up to date, each in one transaction, or a clear sentence."""

import secrets
import sys
import unicodedata
from collections.abc import Iterable, Iterator
from importlib.resources import files

from mechtui.config import PlanSetting
from mechtui.server.db import plans
from mechtui.server.db.address import shown
from mechtui.server.db.connection import transaction
from mechtui.server.db.errors import DatabaseError
from mechtui.server.db.postgres.connection import PostgresConnection
from mechtui.server.db.postgres.serving import lock_out_backends, lock_to_prepare, unlock
from mechtui.text import fold

_FOLDER = files("mechtui.server.db.postgres").joinpath("steps")
STEPS = tuple(sorted(path.name for path in _FOLDER.iterdir()))
"""The files of `steps/`, in order. Fresh tables are given all of them, older ones those they have not had."""
VERSION = int(STEPS[-1][:2])
ADDITIVE = "-- Older backends may go on serving."
"""The first line of a step that takes nothing away from them, and puts nothing in their way. The others wait for all
backends to end, and no older program can serve afterwards."""

_OLDEST_SERVER = 140_000
_FIRST_TO_TELL = 8
"""The step that began to say, in `serves_from`, from which version on a program can serve."""
_HOME = (
    "SELECT concat_ws(' ', s.system_identifier, c.timeline_id, d.oid, 'feed_head'::regclass::oid) "
    "FROM pg_control_system() s, pg_control_checkpoint() c, pg_database d WHERE d.datname = current_database()"
)
"""Which copy this is: a dump put back makes its tables anew; a server put back to a moment begins a new timeline."""


def check_server(connection: PostgresConnection) -> None:
    """Raise `DatabaseError` unless the server keeps what it promises, and knows what we need."""
    wanted = ("server_version_num", "server_version", "server_encoding", "fsync", "synchronous_commit")
    shows = ", ".join(f"current_setting('{name}')" for name in wanted)
    number, version, encoding, fsync, synchronous = connection.execute(f"SELECT {shows}")[0]
    if int(number) < _OLDEST_SERVER:
        raise DatabaseError(f"the server is PostgreSQL {version}; mechtui needs 14 or newer")
    if encoding != "UTF8":
        raise DatabaseError(f"the database stores text as {encoding}; make one with: createdb -E UTF8 -T template0")
    if "off" in (fsync, synchronous):
        raise DatabaseError(
            f"the server may lose what was committed (fsync is {fsync}, synchronous_commit {synchronous}); "
            "set both on in postgresql.conf"
        )


def tables_there(connection: PostgresConnection, database: str) -> list[str]:
    """The tables, none where nobody has made any. Raises `DatabaseError` when they are another program's."""
    tables = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY 1"
    names = [name for (name,) in connection.execute(tables)]
    if names and "mechtui" not in names:
        raise DatabaseError(f"{shown(database)} is a database, but not one of mechtui; name another")
    return names


def version(connection: PostgresConnection, database: str) -> int | None:
    """The schema's version, or nothing where there are no tables. Raises `DatabaseError` when they are not for us.

    It may be newer than `VERSION` by steps that leave programs of this version able to serve.
    """
    if not tables_there(connection, database):
        return None
    had: int = connection.execute("SELECT version FROM mechtui")[0][0]
    if had > VERSION and connection.execute("SELECT serves_from FROM mechtui")[0][0] > VERSION:
        raise DatabaseError(
            f"{shown(database)} was made by a newer mechtui (its schema is {had}, this one knows {VERSION}); "
            "use that version"
        )
    return had


def check_current(connection: PostgresConnection, database: str, *, exactly: bool = False) -> None:
    """Raise `DatabaseError` unless the tables are there and of this version; or newer ones it can serve, too."""
    had = version(connection, database)
    if had is None:
        raise DatabaseError(f"there is no database of mechtui at {shown(database)}; check the address")
    if had < VERSION:
        raise DatabaseError(
            f"{shown(database)} has schema {had}, and this version needs {VERSION}; "
            "bring it there with: mechtui db upgrade"
        )
    if exactly and had > VERSION:
        raise DatabaseError(f"{shown(database)} has schema {had}, and this version knows {VERSION}; use that version")


def prepare(connection: PostgresConnection, database: str, wanted: tuple[PlanSetting, ...]) -> None:
    """Make the tables or bring them up to date, set the plans, and begin a new history in what is a copy."""
    upgrade(connection, database)
    try:
        with transaction(connection):
            lock_to_prepare(connection)
            _mind_the_home(connection)
            plans.put(connection, wanted)
    except connection.violated as error:
        raise plans.do_not_fit(shown(database), error) from error


def upgrade(connection: PostgresConnection, database: str) -> None:
    """Give the tables the steps they have not had: all of them or none.

    Older backends may serve them meanwhile if all of those steps are additive: their writers wait for their turn, as
    they do for each other. Raises `DatabaseError` when one serves and has to be ended first.
    """
    with transaction(connection):
        lock_to_prepare(connection)
        had = version(connection, database)
        missing = [] if had is None else [step for step in STEPS if int(step[:2]) > had]
        if had is None:
            make(connection)
        elif missing and all(map(is_additive, missing)):
            connection.execute("SELECT seq FROM feed_head FOR UPDATE")
            _apply(connection, missing)
        elif missing:
            lock_out_backends(connection, database)
            _apply(connection, missing)
            unlock(connection)


def is_additive(step: str) -> bool:
    """Whether backends that do not know this step may go on serving."""
    return text_of(step).startswith(ADDITIVE)


def text_of(step: str) -> str:
    """The statements of a step."""
    return _FOLDER.joinpath(step).read_text()


def make(connection: PostgresConnection) -> None:
    """Make the tables of this version where there are none, in the caller's transaction."""
    _apply(connection, STEPS[:1])
    connection.executemany("INSERT INTO folds (letter, folded) VALUES (?, ?)", list(_folds()))
    connection.execute("INSERT INTO feed_head (one, epoch, seq) VALUES (1, ?, 0)", (secrets.token_hex(16),))
    connection.execute(f"INSERT INTO mechtui (one, version, home) SELECT 1, 1, ({_HOME})")
    _apply(connection, STEPS[1:])


def _apply(connection: PostgresConnection, steps: Iterable[str]) -> None:
    for step in steps:
        number = int(step[:2])
        connection.command(text_of(step))
        connection.execute("UPDATE mechtui SET version = ?", (number,))
        if number > _FIRST_TO_TELL and not is_additive(step):
            connection.execute("UPDATE mechtui SET serves_from = ?", (number,))


def _mind_the_home(connection: PostgresConnection) -> None:
    moved = connection.execute(f"UPDATE mechtui SET home = ({_HOME}) WHERE home <> ({_HOME}) RETURNING home")
    if moved:
        connection.execute("UPDATE feed_head SET epoch = ?", (secrets.token_hex(16),))


def _folds() -> Iterator[tuple[str, str]]:
    """Every letter beyond ASCII that folding changes, and what becomes of it."""
    for code in range(0x80, sys.maxunicode + 1):
        letter = chr(code)
        if unicodedata.category(letter) != "Cs" and fold(letter) != letter:
            yield letter, fold(letter)
