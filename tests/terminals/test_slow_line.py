"""A slow line over which keys come late: what is shown is what is true, and every key does what it should."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.faults import LARGE
from tests.hostile.terminal import Terminal, terminal
from tests.server.live import Shop, open_shop
from tests.server.support import database_url
from tests.terminals.test_typing import peak_megabytes

BYTES_A_SECOND = 960 if LARGE else 3_840
"""9,600 baud; in the small run a line four times as quick, which is behind as well."""
LATE_SECONDS = 0.2
REQUESTS = 12
FOUND = 7
HELPS = 30
"""So often the help is opened and closed at once."""
MOST_BYTES = 90_000
"""What a system keeps for a terminal that does not read, some 22 KB on Linux, and a few frames besides."""
MOST_MEGABYTES = 40
CURSOR = re.compile(r"^▌.*Noise (\d+)", re.MULTILINE)
TOLD = re.compile(r"^ Noise (\d+) *$", re.MULTILINE)


@dataclass
class Far:
    """A mechanic at the far end of a slow line, and the shop."""

    shop: Shop
    requests: list[str]
    screen: Terminal

    async def type(self, typed: str) -> None:
        """Keys, all at once and late."""
        await asyncio.sleep(LATE_SECONDS)
        await self.screen.type(typed.encode())

    async def status(self, number: int) -> str:
        """How a request stands."""
        answer = await self.shop.get(f"/api/sessions/{self.requests[number]}")
        return str(answer.json()["session"]["status"])


@asynccontextmanager
async def far(tmp_path: Path, module: str = "mechtui") -> AsyncIterator[Far]:
    async with open_shop(database_url(tmp_path / "shop.db")) as shop:
        requests = [await shop.submit(concern=f"Noise {number}") for number in range(REQUESTS)]
        own = {"MECHTUI_TOKEN": shop.ann.token, "HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path)}
        async with terminal(module, ["--server", shop.url], own | {"SSH_TTY": "/dev/pts/1"}) as screen:
            yield Far(shop, requests, screen)


async def test_all_that_is_typed_is_done_and_only_what_is_true_is_painted(tmp_path: Path) -> None:
    async with far(tmp_path) as seat:
        seat.screen.slow_down(BYTES_A_SECOND)
        await seat.screen.sees("LIVE")
        await one_step(seat)
        before = peak_megabytes(seat.screen.process.pid)
        assert await written_for_a_rush(seat) < MOST_BYTES
        assert [number for number in range(REQUESTS) if await seat.status(number) != "pending"] == [FOUND]
        assert peak_megabytes(seat.screen.process.pid) - before < MOST_MEGABYTES
        seat.screen.at("end")
        await seat.type("\x03")
        assert await seat.screen.end() == 0
        assert b"\x1b[?1049l" in seat.screen.places["end"]


async def test_all_of_it_painted_would_be_far_more(tmp_path: Path) -> None:
    """The control, with a terminal that takes it as fast as it comes."""
    async with far(tmp_path, "tests.terminals.queueing_dashboard") as seat:
        await seat.screen.sees("search  ? help")
        assert await written_for_a_rush(seat) > MOST_BYTES


async def written_for_a_rush(seat: Far) -> int:
    """Open and close the help over and over, and accept one request of those that are found: so many bytes come."""
    before = len(seat.screen.written)
    await seat.type(f"{'?q' * HELPS}/Noise {FOUND}\ra")
    await seat.screen.sees("Accepted: it is yours")
    return len(seat.screen.written) - before


async def one_step(seat: Far) -> None:
    """The cursor one line down with what is told of its request, and nothing of where it was."""
    await seat.screen.until(partial(stands_on, "0"), "no cursor")
    await seat.type("j")
    await seat.screen.until(partial(stands_on, "1"), "some of the cursor stayed")


def stands_on(number: str, text: str) -> bool:
    """Whether the cursor is on this request alone, and this one is told of."""
    return CURSOR.findall(text) == TOLD.findall(text) == [number]
