"""Databases of every earlier version become this one, with all that is in them; an upgrade that is cut off is none."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from mechtui.config import is_postgres, sqlite_path
from mechtui.server.db.engine import engine_of
from mechtui.server.db.errors import DatabaseError
from mechtui.server.db.postgres import schema
from mechtui.server.db.sqlite import files
from mechtui.server.db.tables import TABLES
from mechtui.server.doctor.audit import audit
from tests.data.earlier import LATER, at_version, rows, there
from tests.engines import PostgresServer
from tests.postgres.test_start import described
from tests.server.support import ShopFloor

SQLITE = range(1, files.SCHEMA_VERSION)
POSTGRES = range(1, schema.VERSION)


@pytest.fixture(params=["sqlite", "postgres"])
def blank(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database without tables."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'shop.db'}"
    else:
        server: PostgresServer = request.getfixturevalue("postgres")
        with server.database(empty=True) as url:
            yield url


def stands(database: str) -> dict[str, set[tuple[Any, ...]]]:
    """Every row of every table there is, as (column, value) pairs."""
    with closing(_line(database)) as line:
        told = {}
        for table in filter(lambda name: there(line, name), TABLES):
            names = _known(table)
            found = line.execute(f"SELECT {', '.join(names)} FROM {table}").fetchall()
            told[table] = {tuple(zip(names, row, strict=True)) for row in found}
        return told


def _line(database: str) -> Any:
    return engine_of(database).open_reader()


def _known(table: str) -> list[str]:
    """The columns that the rows of a test are made of; the later versions' own are beside them."""
    return sorted((rows() | LATER)[table][0])


def version_of(database: str) -> int:
    if not is_postgres(database):
        return files.check(sqlite_path(database))
    with closing(_line(database)) as line:
        return int(line.execute("SELECT version FROM mechtui")[0][0])


@pytest.mark.parametrize("had", sorted({*SQLITE, *POSTGRES}))
async def test_every_earlier_version_becomes_this_one(
    blank: str, postgres: PostgresServer, had: int, tmp_path: Path
) -> None:
    if had not in (POSTGRES if is_postgres(blank) else SQLITE):
        pytest.skip("this kind of database never had that version")
    at_version(blank, had)
    before = stands(blank)
    assert {dict(row)["status"] for row in before["sessions"]} == {
        "pending", "waiting", "live", "completed", "cancelled", "expired",
    }  # fmt: skip
    assert f"from schema {had} to" in engine_of(blank).upgrade()
    after = stands(blank)
    assert {table: after[table] for table in before} == before
    with engine_of(blank).looking() as reader:
        assert audit(reader).findings == []
    _is_as_a_fresh_one(blank, postgres, tmp_path)
    await _goes_on(blank)


def _is_as_a_fresh_one(database: str, postgres: PostgresServer, folder: Path) -> None:
    if is_postgres(database):
        with postgres.database() as fresh:
            assert described(database) == described(fresh)
        return
    url = f"sqlite:///{folder / 'fresh.db'}"
    engine_of(url).upgrade()
    schemas = "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name"
    upgraded, fresh_one = (closing(_line(each)) for each in (database, url))
    with upgraded as one, fresh_one as other:
        assert one.execute(schemas).fetchall() == other.execute(schemas).fetchall()


async def _goes_on(database: str) -> None:
    """A backend serves it, and what was open can be worked with."""
    floor = ShopFloor(database)
    row = await floor.submit("After it")
    await floor.complete(floor.ann, row.id)
    await floor.close()


def test_an_upgrade_that_is_killed_in_the_middle_leaves_the_old_version_whole(blank: str) -> None:
    at_version(blank, 1)
    before = stands(blank)
    done = subprocess.run([sys.executable, "-m", "tests.data.killed", blank])
    assert done.returncode == -9
    assert version_of(blank) == 1
    assert stands(blank) == before
    assert "from schema 1" in engine_of(blank).upgrade()
    assert {table: stands(blank)[table] for table in before} == before


def test_commands_that_only_look_take_no_older_one(blank: str) -> None:
    at_version(blank, 2)
    with pytest.raises(DatabaseError, match="mechtui db upgrade"), engine_of(blank).looking():
        pass
    assert version_of(blank) == 2
