"""A shop of a few sessions with thousands of hostile texts each, and the way through all of it on a terminal."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from mechtui.config import PlanSetting, Rules
from mechtui.server import accounts
from tests.faults import LARGE
from tests.hostile.fuzzing import Fuzz
from tests.hostile.shop import HostileShop, Jumping, Texts
from tests.hostile.terminal import QUIET_SECONDS, Terminal, terminal
from tests.server.live import open_shop
from tests.server.support import database_url

SESSIONS, LONG = (10, 4) if LARGE else (2, 1)
"""How many sessions a shop has, and how many texts as long as may be each has in its history."""
ROOM = 20_000
SIZE = (120, 60)
LATE_SECONDS = 0.25
A_TICK = 600
"""Where a page shows nothing new no more than so many bytes are written: its clocks."""
_FIELDS = ("name", "make", "model", "year", "city", "vin", "plate", "odometer")


@dataclass
class Packed:
    """The shop, what it was given, and the session that was completed."""

    hostile: HostileShop
    sessions: list[str]
    concerns: list[str]
    completed: str
    texts: int

    async def get(self, path: str) -> httpx.Response:
        """A page of the API, as its mechanic sees it."""
        answer = await self.hostile.shop.get(path, self.hostile.me.token)
        assert answer.status_code == 200, answer.text
        return answer


@asynccontextmanager
async def open_packed(tmp_path: Path, seed: int, sessions: int) -> AsyncIterator[Packed]:
    """The shop of a seed."""
    fuzz, database = Fuzz(seed), database_url(tmp_path / "shop.db")
    plans = tuple(
        PlanSetting(f"{kind}1", kind, fuzz.packed(400), minutes=30, price_cents=999, standard=True)
        for kind in ("chat", "video", "diagnostic")
    )
    me, rival = (accounts.add_mechanic(database, fuzz.text()[:200]) for _ in range(2))
    async with open_shop(database, rules=Rules(completed_seconds=0, plans=plans)) as shop:
        hostile = HostileShop(shop, me, rival, Jumping(), Texts())
        completed = await _completed(hostile, fuzz)
        concerns = [fuzz.packed(ROOM) for _ in range(sessions)]
        ids = [await shop.submit(concern=concern, **_intake(fuzz)) for concern in concerns]
        yield Packed(hostile, ids, concerns, completed, fuzz.made)


def _intake(fuzz: Fuzz) -> dict[str, object]:
    fields: dict[str, object] = {field: fuzz.text()[:200] for field in _FIELDS}
    return fields | {"history": [fuzz.packed(ROOM) for _ in range(LONG)]}


async def _completed(hostile: HostileShop, fuzz: Fuzz) -> str:
    """A session with a summary and a comment, for a report."""
    shop, me = hostile.shop, hostile.me
    session_id = await shop.submit(concern=fuzz.packed(1_000), **(_intake(fuzz) | {"history": [fuzz.text()]}))
    accepted = await shop.accept(session_id, me.token)
    assert accepted.status_code == 200, accepted.text
    await hostile.does(me, session_id, "join")
    await shop.act(session_id, "join")
    await hostile.does(me, session_id, "end", reason=fuzz.text())
    words = {name: fuzz.packed(800) for name in ("findings", "steps_taken", "parts_needed", "next_steps")}
    await hostile.does(me, session_id, "summary", **words)
    await shop.act(session_id, "rate", rating=2, comment=fuzz.packed(800))
    return session_id


async def looked_at(shop: Packed, tmp_path: Path, module: str) -> Terminal:
    """The dashboard's terminal, once all there is was paged through. It is not emulated: only its bytes count."""
    hostile = shop.hostile
    environ = {
        "MECHTUI_TOKEN": hostile.me.token,
        "MECHTUI_TEST_PAINTED": str(tmp_path / "painted"),
        "HOME": str(tmp_path),
        "XDG_STATE_HOME": str(tmp_path),
    }
    arguments = ["--server", hostile.shop.url]
    async with terminal(module, arguments, environ, SIZE, legible=False) as screen:
        await screen.writes("LIVE")
        for number in range(len(shop.sessions)):
            screen.at(f"session {number}")
            await screen.press("enter")
            await _to_the_end(screen)
            await screen.leave("the intake")
            await screen.press("down")
        for place, key in {"completed": "3", "figures": "5"}.items():
            screen.at(place)
            await screen.press(key)
        await screen.leave("the figures")
        screen.at("history")
        await screen.press("4")
        screen.at("end")
        await screen.press("q")
        await screen.end()
    return screen


async def _to_the_end(screen: Terminal) -> None:
    """Page on until nothing comes any more, twice: a busy machine may be late."""
    still = 0
    while still < 2:
        before = len(screen.written)
        await screen.press("page down")
        await screen.quiet(LATE_SECONDS if still else QUIET_SECONDS)
        still = still + 1 if len(screen.written) - before <= A_TICK else 0
