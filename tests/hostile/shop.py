"""A shop whose customers and mechanics fill every field of everything with hostile text, through the real API."""

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from shutil import copyfile
from typing import Any

from mechtui.api_client import MechanicClient
from mechtui.config import PlanSetting, Rules
from mechtui.feed import Feed
from mechtui.replica import Replica
from mechtui.server import accounts
from mechtui.server.accounts import NewAccount
from mechtui.server.clock import utc_now
from mechtui.text import SafeText
from tests.hostile.corpus import EVERYTHING, PAYLOADS, SHORT
from tests.hostile.fuzzing import Fuzz
from tests.server.live import Shop, open_shop
from tests.server.support import database_url

NAMES = {"me": "Me \x1b]0;zq200x\x07 \u202e[/]", "rival": "Ri\x1b[8mzq201x\x9b2J\u202e[@click=app.quit]"}
"""What the two mechanics call themselves; short, so that all of it is on the screen."""
PAST = range(0, len(PAYLOADS), 7)
PHOTO = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC"
"""A picture of one pixel."""
_FIELDS = ("name", "concern", "make", "city", "year", "model", "vin", "plate", "odometer")
PLANS = tuple(
    PlanSetting(f"{kind}1", kind, EVERYTHING, minutes=30, price_cents=999, standard=True)
    for kind in ("chat", "video", "diagnostic")
)


RULES = Rules(completed_seconds=0, plans=PLANS)


class Jumping:
    """The backend's clock, which can be set forward."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return utc_now() + self.ahead


class Texts:
    """What everybody writes: the corpus in turn, each payload once in each place."""

    everything = EVERYTHING

    def at(self, number: int) -> str:
        """One as long as a short field may be."""
        return PAYLOADS[number % len(PAYLOADS)].text[:2000]


class SeedTexts(Texts):
    """Texts from a seed instead."""

    def __init__(self, seed: int) -> None:
        self._fuzz = Fuzz(seed)
        self.everything = self._fuzz.packed(6_000)

    @property
    def made(self) -> int:
        """So many were made until now."""
        return self._fuzz.made

    def at(self, number: int) -> str:
        """The next of them, whatever the number."""
        return self._fuzz.text()[:2000]


@dataclass
class HostileShop:
    """The shop, the mechanic whose terminal is looked at, and one who is faster."""

    shop: Shop
    me: NewAccount
    rival: NewAccount
    clock: Jumping
    texts: Texts
    worst: str = ""
    """The session with every payload in its concern, history and files."""

    async def submit(self, number: int, **more: Any) -> str:
        """A request with another payload in each field; each payload is once the name, once the concern, and so on."""
        fields = {field: self.texts.at(number + 7 * n) for n, field in enumerate(_FIELDS)}
        return await self.shop.submit(**(fields | more))

    async def submit_worst(self) -> str:
        """One request with every payload in everything that may be long."""
        contents = [PHOTO, *[base64.b64encode(b"x").decode()] * 11]
        files = [
            {"name": name, "mime": name[::-1], "data": data}
            for name, data in zip(_packed(255, 12), contents, strict=False)
        ]
        history = [self.texts.at(n) for n in range(len(PAYLOADS))]
        long: dict[str, Any] = {"concern": self.texts.everything, "history": history}
        return await self.submit(
            0, urgent=True, email=EVERYTHING[-2000:], phone=EVERYTHING[:2000], files=files, vin=self.vin, **long
        )

    @property
    def vin(self) -> str:
        """A VIN that, copied as it is, would run a command where it is pasted."""
        return "4T1\x1b[201~\rzq202x\u202e"

    @property
    def safe_vin(self) -> str:
        """The VIN as it may be pasted: one line, in which nothing acts."""
        return SafeText(self.vin)

    async def complete(self, number: int, **more: Any) -> None:
        """A session from a submit to a comment."""
        session_id = await self.submit(number, **more)
        await self._mine(session_id, "join")
        await self.shop.act(session_id, "join")
        await self.shop.act(session_id, "end", self.me.token, reason=self.texts.at(number))
        answer = await self.shop.act(session_id, "rate", rating=1, comment=self.texts.everything[-2000:])
        assert answer.status_code == 200, answer.text

    async def give_back(self, number: int) -> None:
        """A session that was given back and then cancelled."""
        session_id = await self.submit(number)
        await self._mine(session_id, "release", reason=self.texts.at(number))
        await self.shop.act(session_id, "cancel", reason=self.texts.at(-number))

    async def offered_to_me(self, note: str) -> str:
        """A session the rival holds and offers to the mechanic looked at."""
        session_id = await self.taken_by_rival()
        await self.does(self.rival, session_id, "offer", to=self.me.id, note=note)
        return session_id

    async def taken_by_rival(self) -> str:
        """A session the rival holds."""
        session_id = await self.submit(0)
        accepted = await self.shop.accept(session_id, self.rival.token)
        assert accepted.status_code == 200, accepted.text
        return session_id

    async def does(self, who: NewAccount, session_id: str, verb: str, **body: Any) -> None:
        """One of the verbs of a session, by a mechanic."""
        answer = await self.shop.act(session_id, verb, who.token, **body)
        assert answer.status_code == 200, answer.text

    @asynccontextmanager
    async def rival_there(self) -> AsyncIterator[None]:
        """The rival has a terminal open meanwhile."""

        async def follow() -> None:
            async with MechanicClient(self.shop.url, self.rival.token) as client:
                async for _ in Feed(self.shop.url, self.rival.token, Replica(), client.snapshot).updates():
                    pass

        following = asyncio.create_task(follow())
        try:
            yield
        finally:
            following.cancel()
            with suppress(asyncio.CancelledError):
                await following

    async def _mine(self, session_id: str, verb: str, **body: Any) -> None:
        accepted = await self.shop.accept(session_id, self.me.token)
        assert accepted.status_code == 200, accepted.text
        answer = await self.shop.act(session_id, verb, self.me.token, **body)
        assert answer.status_code == 200, answer.text


def _packed(limit: int, count: int) -> list[str]:
    """The shorter payloads in so many texts no longer than `limit`."""
    texts = [""]
    for payload in SHORT:
        if len(texts[-1]) + len(payload.text) > limit:
            texts.append("")
        texts[-1] += payload.text
    return texts[:count]


async def seed(path: Path, texts: Texts | None = None) -> "Seeded":
    """Fill the database at `path`: open requests, completed and returned sessions."""
    url = database_url(path)
    me, rival = (accounts.add_mechanic(url, NAMES[who]) for who in ("me", "rival"))
    async with open_shop(database_url(path), rules=RULES) as shop:
        hostile = HostileShop(shop, me, rival, Jumping(), texts := texts or Texts())
        for number in PAST:
            await hostile.complete(number)
            await hostile.give_back(number + 1)
        await hostile.complete(3, vin=hostile.vin)
        await asyncio.gather(*(hostile.submit(number) for number in range(len(PAYLOADS))))
        worst = await hostile.submit_worst()
        return Seeded(path, me, rival, texts, worst, shop.customers[worst])


@dataclass(frozen=True)
class Seeded:
    """A filled database, to be copied for whoever opens a shop on it."""

    path: Path
    me: NewAccount
    rival: NewAccount
    texts: Texts
    worst: str
    customer: str

    @asynccontextmanager
    async def opened(self, path: Path) -> AsyncIterator[HostileShop]:
        """A shop on a copy at `path`."""
        copyfile(self.path, path)
        clock = Jumping()
        async with open_shop(database_url(path), rules=RULES, clock=clock) as shop:
            shop.customers[self.worst] = self.customer
            yield HostileShop(shop, self.me, self.rival, clock, self.texts, self.worst)
