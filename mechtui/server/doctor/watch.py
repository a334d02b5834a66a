"""The backend looks its own database through: at its start, and every minute."""

import asyncio
import contextlib

from mechtui.server.db.connection import Connection
from mechtui.server.db.errors import DatabaseBusyError
from mechtui.server.db.store import Store
from mechtui.server.doctor.kinds import OWN_KINDS, OwnKind
from mechtui.server.observe import Observer, Told

EVERY_SECONDS = 60.0


class Watch:
    """How many sessions are lost, of how many; `None` before the first look."""

    def __init__(self, store: Store, observe: Observer) -> None:
        self._store = store
        self._observe = observe
        self.lost: int | None = None
        self.of: int | None = None

    async def keep(self) -> None:
        """Look again and again. A database that cannot be had now is looked at a minute later."""
        while True:
            with contextlib.suppress(DatabaseBusyError):
                await self.look()
            await asyncio.sleep(EVERY_SECONDS)

    async def look(self) -> None:
        """Look once, kind by kind, so that no reader is taken for long."""
        found = [(kind, await self._store.read(_rows, kind)) for kind in OWN_KINDS]
        self.of = await self._store.read(_sessions)
        self.lost = len({row for kind, rows in found if kind.lost for row in rows})
        for kind, rows in found:
            if rows:
                self._observe(Told("damage", f"{kind.name}: {len(rows)}; see: mechtui doctor"))


def _rows(connection: Connection, kind: OwnKind) -> list[str]:
    return [str(row[0]) for row in connection.execute(kind.sql)]


def _sessions(connection: Connection) -> int:
    return int(connection.execute("SELECT count(*) FROM sessions").fetchall()[0][0])
