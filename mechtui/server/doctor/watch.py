"""The backend looks its own database through: at its start, and every minute."""

import asyncio
import contextlib
from collections.abc import Callable

from mechtui.server.db.errors import DatabaseBusyError
from mechtui.server.db.store import Store
from mechtui.server.doctor.audit import look_for, sessions, summed
from mechtui.server.doctor.kinds import OWN_KINDS
from mechtui.server.observe import Observer, Told

EVERY_SECONDS = 60.0


class Watch:
    """Looks for sessions that are lost, and says how many, of how many, to `tell`."""

    def __init__(self, store: Store, observe: Observer, tell: Callable[[int, int], None]) -> None:
        self._store = store
        self._observe = observe
        self._tell = tell

    async def keep(self) -> None:
        """Look again and again. A database that cannot be had now is looked at a minute later."""
        while True:
            with contextlib.suppress(DatabaseBusyError):
                await self.look()
            await asyncio.sleep(EVERY_SECONDS)

    async def look(self) -> None:
        """Look once, kind by kind, so that no reader is taken for long."""
        found = [await self._store.read(look_for, kind) for kind in OWN_KINDS]
        audit = summed(found, await self._store.read(sessions))
        self._tell(audit.lost, audit.of)
        for finding in audit.findings:
            self._observe(Told("damage", f"{finding.kind.name}: {len(finding.rows)}; see: mechtui doctor"))
