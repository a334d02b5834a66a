"""The store: one SQLite file, its writer and its readers, as the rest of the backend uses it."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import apsw

from mechtui.server.clock import Clock, stamp, utc_now
from mechtui.server.db import engine
from mechtui.server.db.answers import Refused, Reply, Ticket, answered, nothing
from mechtui.server.db.rows import Shop
from mechtui.server.db.writer import Batch, Tx, Writer

T = TypeVar("T")

_READERS = 2


def _ignore(_: object) -> None:
    """Nobody listens."""


class Store:
    """Opens `path`, making it if need be; from then on the only writer of sessions in it.

    `publish` is called with each commit's events, `failed` once when the writer has stopped for good; both in the
    loop that opened the store. Raises `DatabaseError` when the file cannot be used.
    """

    def __init__(
        self,
        path: Path,
        shop: Shop,
        *,
        clock: Clock = utc_now,
        publish: Callable[[Batch], None] = _ignore,
        failed: Callable[[Exception], None] = _ignore,
    ) -> None:
        self.path = path
        self._clock = clock
        engine.prepare(path, shop.rules.plans)
        self._lock = engine.lock_for_serving(path)
        with engine.in_words(path):
            self.reader = engine.open_reader(path)
            self._writer = Writer(engine.open_writer(path), shop, clock, publish, failed)
        self._local = threading.local()
        self._pool = ThreadPoolExecutor(_READERS, thread_name_prefix="mechtui-reader")

    def now(self) -> str:
        """The store's time, as a stamp."""
        return stamp(self._clock())

    def run(self, work: Callable[[Tx], T]) -> asyncio.Future[T]:
        """Carry out a transition; done once it is durable."""
        return self._writer.submit(work)

    def answer(
        self,
        ticket: Ticket,
        work: Callable[[Tx], T],
        encode: Callable[[T], str],
        status: int = 200,
        refused: Refused = nothing,
    ) -> asyncio.Future[Reply]:
        """Carry out a transition as the write of `ticket`: once, however often it is asked."""
        return self._writer.submit(answered(ticket, work, status, encode, refused))

    async def read(self, query: Callable[..., T], *args: Any) -> T:
        """Run a query that may take long in a thread of its own, on a connection of its own."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._query, query, args)

    async def close(self) -> None:
        """Carry out what is queued and close the file; the writer last, since only it can fold the journal in."""
        self._pool.shutdown()
        self.reader.close()
        await asyncio.to_thread(self._writer.close)
        self._lock.close()

    def _query(self, query: Callable[..., T], args: tuple[Any, ...]) -> T:
        connection: apsw.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = engine.open_reader(self.path)
        return query(connection, *args)
