"""Rows by the set, as both engines do it: as if one by one, but quicker."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from mechtui.config import DEFAULT_PLANS
from mechtui.server.db.connection import Columns, WritingConnection, transaction
from mechtui.server.db.engine import engine_of
from tests.engines import open_to_write

COLUMNS = Columns("customers", ("id", "name", "created_at"))
AT = "2026-11-29T12:00:00.000Z"
STORED = "SELECT id, name, created_at FROM customers ORDER BY id"


@pytest.fixture
def connection(database: str) -> Iterator[WritingConnection]:
    engine_of(database).prepare(DEFAULT_PLANS)
    with closing(open_to_write(database)) as writing:
        yield writing


def rows(count: int) -> list[tuple[str, ...]]:
    return [(f"{n:03}", f"Name '{n}\0\ufdd0", AT) for n in range(count)]


@pytest.mark.parametrize("count", [1, 2, 63, 64, 65, 200])
def test_every_row_is_inserted_once(connection: WritingConnection, count: int) -> None:
    with transaction(connection):
        connection.insert(COLUMNS, iter(rows(count)))
    assert list(connection.execute(STORED)) == rows(count)


@pytest.mark.parametrize("count", [1, 64, 65, 200])
def test_one_row_that_cannot_be_inserted_is_named_as_such(connection: WritingConnection, count: int) -> None:
    with pytest.raises(connection.violated), transaction(connection):
        connection.insert(COLUMNS, [*rows(count), rows(1)[0]])
    assert list(connection.execute(STORED)) == []
