"""Who is in: the logins there are, how many there may be, and that each of them may still be there."""

import asyncio
import contextlib
import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Protocol, TypeVar

from mechtui.config_ssh import SshSettings
from mechtui.server import logins
from mechtui.server.db.errors import DatabaseError
from mechtui.server.logins import KnownMechanic
from mechtui.ssh.forking import Forking
from mechtui.ssh.host_key import HostKey

WATCH_SECONDS = 2.0
"""How often is looked whether those who are in may still be there."""
RENEW_SECONDS = logins.TOKEN_SECONDS / 5
LEAVING_SECONDS = 3.0
"""How long a program may take to end when it is told to, before it is killed."""

FULL = "all {} places are taken; try again later, or end a login of yours elsewhere"
EACH = "you are logged in {} times already; end one of those first"
CLOSING = "the door is being closed. Your sessions are as they were; log in again in a moment"
GONE = "the key you came in with opens nothing any more"
IDLE = "you pressed no key for {} minutes. Your sessions are as they were; log in again"

Given = TypeVar("Given")


class Guest(Protocol):
    """A login as the house sees it."""

    @property
    def mechanic(self) -> KnownMechanic:
        """Whose it is."""
        ...

    @property
    def idle_seconds(self) -> float:
        """For how long nothing was typed; 0 for one who is not to type."""
        ...

    def leave(self, words: str) -> None:
        """End, in order, and tell why."""
        ...

    def kill(self) -> None:
        """End at once."""
        ...


class House:
    """All logins of one front. `tell` writes a line of its log."""

    def __init__(self, settings: SshSettings, key: HostKey, tell: Callable[[str], None]) -> None:
        self.settings = settings
        self.tell = tell
        self.forking = Forking(tell)
        self._key = key
        self._guests: set[Guest] = set()
        self._renewed: dict[str, float] = {}
        self._closing = False
        self._empty = asyncio.Event()
        self._number = 0
        self._database = ThreadPoolExecutor(1, "logins")

    def __len__(self) -> int:
        return len(self._guests)

    def number(self) -> int:
        """The number of another login."""
        self._number += 1
        return self._number

    def enter(self, guest: Guest) -> str:
        """Count one in; or say why there is no place for him."""
        same = sum(other.mechanic.id == guest.mechanic.id for other in self._guests)
        if self._closing:
            return CLOSING
        if same >= self.settings.logins_each:
            return EACH.format(same)
        if len(self._guests) >= self.settings.logins:
            return FULL.format(self.settings.logins)
        self._guests.add(guest)
        self._empty.clear()
        return ""

    def left(self, guest: Guest) -> None:
        """This one is not in any more."""
        self._guests.discard(guest)
        if not self._guests:
            self._empty.set()

    async def owner_of(self, fingerprint: str) -> KnownMechanic | None:
        """Whose key this is. Raises `DatabaseError`."""
        return await self._ask(partial(logins.owner_of, self.settings.database, fingerprint))

    async def token_for(self, mechanic: KnownMechanic) -> str:
        """A token that stands for him while he is in. Raises `DatabaseError`."""
        token = self._key.token(mechanic.id, mechanic.fingerprint)
        await self._renew({mechanic})
        return token

    def home_of(self, mechanic: KnownMechanic) -> Path:
        """His own folder."""
        home = self.settings.homes / mechanic.id
        for folder in (self.settings.homes, home):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return home

    async def watch(self) -> None:
        """See to it, for ever, that those who are in may still be, and that their tokens do not lapse."""
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            self._send_the_idle_home()
            try:
                await self._look()
            except DatabaseError as error:
                self.tell(f"who may be in cannot be seen just now: {error}")

    async def close(self) -> None:
        """Let nobody in any more, and everybody go; those who do not are killed."""
        self._closing = True
        for guest in list(self._guests):
            guest.leave(CLOSING)
        if self._guests:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._empty.wait(), LEAVING_SECONDS + 2)
        await self.forking.close()
        self._database.shutdown()

    def _send_the_idle_home(self) -> None:
        minutes = self.settings.idle_minutes
        for guest in list(self._guests):
            if guest.idle_seconds > minutes * 60:
                guest.leave(IDLE.format(minutes))

    async def _look(self) -> None:
        mechanics = {guest.mechanic for guest in self._guests}
        if not mechanics:
            return
        known = await self._ask(partial(logins.still_known, self.settings.database, mechanics))
        for guest in list(self._guests):
            if guest.mechanic in mechanics - known:
                guest.leave(GONE)
        await self._renew(known)

    async def _renew(self, mechanics: set[KnownMechanic]) -> None:
        """Renew the tokens of those for whom that is due."""
        before = asyncio.get_running_loop().time() - RENEW_SECONDS
        due = [one for one in mechanics if self._renewed.get(one.fingerprint, -math.inf) < before]
        if due:
            tokens = [(self._key.token(one.id, one.fingerprint), one.fingerprint) for one in due]
            await self._ask(partial(logins.renew, self.settings.database, tokens))
            now = asyncio.get_running_loop().time()
            self._renewed |= {one.fingerprint: now for one in due}

    async def _ask(self, ask: Callable[[], Given]) -> Given:
        return await asyncio.get_running_loop().run_in_executor(self._database, ask)
