"""A look at the database from outside the store, for tests that run in a loop."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import ClassVar

from mechtui.server.db.connection import Connection, Params, Raised, Row
from mechtui.server.db.engine import engine_of


class Taken(list[Row]):
    """Rows, all of them here."""

    def fetchall(self) -> list[Row]:
        return self


class Outside:
    """A reading connection of the test's own. Its work is done in another thread, which the test waits for."""

    violated: ClassVar[Raised] = ()
    lost: ClassVar[Raised] = ()
    fatal: ClassVar[Raised] = ()
    undone: ClassVar[Raised] = ()

    def __init__(self, database: str) -> None:
        self._thread = ThreadPoolExecutor(1)
        self._real: Connection = self._thread.submit(engine_of(database).open_reader).result()

    def execute(self, sql: str, params: Params = (), /) -> Taken:
        return self._thread.submit(lambda: Taken(self._real.execute(sql, params).fetchall())).result()

    def executemany(self, sql: str, params: Iterable[Params], /) -> object:
        return self._thread.submit(self._real.executemany, sql, params).result()

    def begin_reading(self) -> None:
        self._thread.submit(self._real.begin_reading).result()

    def close(self) -> None:
        self._thread.submit(self._real.close).result()
        self._thread.shutdown()
