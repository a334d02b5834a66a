"""The backend forgets customers by itself: those who asked, and in sessions that ended long enough ago everybody."""

import asyncio
import contextlib
from functools import partial

from mechtui.server.clock import shifted
from mechtui.server.db import forgetting
from mechtui.server.db.errors import DatabaseBusyError, OutcomeUnknownError
from mechtui.server.db.store import Store

EVERY_SECONDS = 5.0
_DAY = 24 * 3600


class Forgetting:
    """Looks again and again whose data is to be removed; `days` is the age of a session at which it is, if any."""

    def __init__(self, store: Store, days: int | None) -> None:
        self._store = store
        self._days = days

    async def keep(self) -> None:
        """Do it for ever. A database that cannot be had now is looked at a little later."""
        while True:
            with contextlib.suppress(DatabaseBusyError, OutcomeUnknownError):
                await self.catch_up()
            await asyncio.sleep(EVERY_SECONDS)

    async def catch_up(self) -> None:
        """Remove all that is due now, a few sessions at a time, so that no other write has to wait for long."""
        before = "" if self._days is None else shifted(self._store.now(), -self._days * _DAY)
        while await self._store.read(forgetting.anything_due, before):
            done = await self._store.run(forgetting.forget_asked)
            if before:
                why = f"by age: it ended more than {self._days} days ago"
                done += await self._store.run(partial(forgetting.forget_old, before=before, why=why))
            if done == 0:
                return
