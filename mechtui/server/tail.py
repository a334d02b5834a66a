"""The commits of all backends of one database, in the order of their places, for the terminals of this one.

Each backend has its own commits at once, and reads those of the others from the outbox when it is woken, or when a
second has passed. A commit of its own waits for those before it.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

from mechtui.server.db import outbox
from mechtui.server.db.errors import DatabaseBusyError
from mechtui.server.db.events import Batch
from mechtui.server.db.store import Store

TICK_SECONDS = 1.0
"""How soon a commit is found that nobody was woken for."""


class Tail:
    """Calls `publish` with every batch after `position`, in order; `begin_anew` when some are no longer to be had."""

    def __init__(
        self,
        store: Store,
        position: Callable[[], int],
        publish: Callable[[Batch], None],
        begin_anew: Callable[[], Awaitable[None]],
    ) -> None:
        self._store = store
        self._position = position
        self._publish = publish
        self._begin_anew = begin_anew
        self._own: dict[int, Batch] = {}
        self._woken = asyncio.Event()

    def take(self, batch: Batch) -> None:
        """A commit of this backend: passed on at once, unless others come before it."""
        if batch.seq_from == self._position():
            self._pass_on(batch)
        elif batch.seq_from > self._position():
            self._own[batch.seq_from] = batch
            self.wake()

    def wake(self) -> None:
        """Somebody has committed."""
        self._woken.set()

    async def follow(self) -> None:
        """Read on, for ever."""
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(TICK_SECONDS):
                    await self._woken.wait()
            self._woken.clear()
            with contextlib.suppress(DatabaseBusyError):
                await self._catch_up()

    async def _catch_up(self) -> None:
        while batches := await self._store.read(outbox.after, self._position()):
            for batch in batches:
                if batch.seq_from > self._position():
                    await self._begin_anew()
                elif batch.seq_to > self._position():
                    self._pass_on(batch)

    def _pass_on(self, batch: Batch | None) -> None:
        while batch is not None:
            self._publish(batch)
            batch = self._own.pop(self._position(), None)
