"""A shop with some history, in a database whose rules can be gone round."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from mechtui.config import is_postgres, sqlite_path
from mechtui.server.db.connection import ChangingConnection
from mechtui.server.db.postgres.connection import PostgresConnection
from mechtui.server.db.sqlite.connection import SqliteConnection, open_writer
from tests.server.support import ShopFloor

Breaking = Callable[[str], None]


@pytest.fixture
async def history(database: str) -> dict[str, str]:
    """A completed session, one in hand, a request and one that expired, by name. Nobody serves it any more."""
    shop = ShopFloor(database)
    done = await shop.submit("Done")
    await shop.complete(shop.ann, done.id)
    held = await shop.submit("Held")
    await shop.accept(shop.ann, held.id)
    pending = await shop.submit("Pending")
    await shop.close()
    return {"done": done.id, "held": held.id, "pending": pending.id, "ann": shop.ann.id, "bob": shop.bob.id}


@contextmanager
def _unruly(database: str) -> Iterator[ChangingConnection]:
    """A connection that no rule of the schema holds back."""
    if is_postgres(database):
        line = PostgresConnection(database, seconds=60)
        line.command("SET session_replication_role = replica")
        for table, name in line.execute(
            "SELECT conrelid::regclass::text, conname::text FROM pg_constraint WHERE contype = 'c' "
            "AND connamespace = 'public'::regnamespace"
        ):
            line.command(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
        yield line
        line.close()
        return
    file: SqliteConnection = open_writer(sqlite_path(database))
    for (name,) in file.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
        file.execute(f"DROP TRIGGER {name}")
    file.pragma("foreign_keys", False)
    file.pragma("ignore_check_constraints", True)
    yield file
    file.close()


@pytest.fixture
def damage(database: str) -> Breaking:
    """Run statements past every rule."""

    def broken(statements: str) -> None:
        with _unruly(database) as connection:
            connection.execute("DROP INDEX IF EXISTS uq_mechanic_one_active")
            for statement in filter(str.strip, statements.split(";")):
                connection.execute(statement)

    return broken
