"""The store: one database, its writer and its readers, as the rest of the backend uses it."""

import asyncio
import time
from collections.abc import Callable
from typing import Any, TypeVar

from mechtui.server.clock import Clock, ForwardClock, stamp, utc_now
from mechtui.server.db.answers import Refused, Reply, Ticket, answered, nothing
from mechtui.server.db.engine import Listen, engine_of
from mechtui.server.db.errors import DatabaseError
from mechtui.server.db.events import Batch
from mechtui.server.db.readers import Readers
from mechtui.server.db.rows import Shop
from mechtui.server.db.tx import Grouped, Tx
from mechtui.server.db.writer import Writer

T = TypeVar("T")


def _ignore(_: object) -> None:
    """Nobody listens."""


def _first(work: Callable[[Tx], object]) -> Grouped[Any] | None:
    return work if isinstance(work, Grouped) else None


class Store:
    """Opens the database at this address, making it if need be; from then on the only writer of sessions in it.

    `publish` is called with each commit's events, `failed` once when the writer has stopped for good; both in the
    loop that opened the store. `clock` is the time, `steady` what it goes on by when it is set back. `listen` tells of
    the commits of other backends, where there can be any.
    Raises `DatabaseError` when the database cannot be used.
    """

    def __init__(
        self,
        database: str,
        shop: Shop,
        *,
        clock: Clock = utc_now,
        steady: Callable[[], float] = time.monotonic,
        publish: Callable[[Batch], None] = _ignore,
        failed: Callable[[Exception], None] = _ignore,
    ) -> None:
        self.clock = ForwardClock(clock, steady)
        engine = engine_of(database)
        engine.prepare(shop.rules.plans)
        self._writer = Writer(engine.open_writer, shop, self.clock, publish, failed)
        try:
            self._readers = Readers(engine)
        except DatabaseError:
            self._writer.close()
            raise
        self.listen: Listen | None = engine.listen

    def now(self) -> str:
        """The store's time, as a stamp."""
        return stamp(self.clock())

    def run(self, work: Callable[[Tx], T]) -> asyncio.Future[T]:
        """Carry out a transition; done once it is durable."""
        return self._writer.submit(work, _first(work))

    def answer(
        self,
        ticket: Ticket,
        work: Callable[[Tx], T],
        encode: Callable[[T], str],
        status: int = 200,
        refused: Refused = nothing,
    ) -> asyncio.Future[Reply]:
        """Carry out a transition as the write of `ticket`: once, however often it is asked."""
        return self._writer.submit(answered(ticket, work, status, encode, refused), _first(work))

    async def read(self, query: Callable[..., T], *args: Any) -> T:
        """Run a query that may take long; it gets a connection, then these. Raises `DatabaseBusyError`."""
        return await self._readers.ask(query, *args)

    async def look(self, query: Callable[..., T], *args: Any) -> T:
        """Run a query of a row or two, as quickly as the engine can. Raises `DatabaseBusyError`."""
        return await self._readers.look(query, *args)

    async def close(self) -> None:
        """Carry out what is queued and let the database go; the writer last: only it can fold SQLite's journal in."""
        await asyncio.to_thread(self._readers.close)
        await asyncio.to_thread(self._writer.close)
