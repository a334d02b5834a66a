"""Many terminals that come back at once, terminals that do not read, databases put back under them, wrong clocks."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path

import pytest

import mechtui.server.hub
from mechtui.feed_line import FRAME_BYTES_LIMIT
from mechtui.frames import FEED_PATH, Heartbeat
from mechtui.replica import Replica, Update
from mechtui.server import accounts
from mechtui.server.db.engine import engine_of
from mechtui.server.db.sqlite import files
from mechtui.server.db.sqlite.connection import open_reader
from mechtui.server.hub import BACKLOG_BYTES, Hub
from tests.engines import silent
from tests.faults import LARGE
from tests.faults.balancer import Balancer, balancer
from tests.faults.process import BackendProcess
from tests.faults.tally import Tally
from tests.faults.terminals import Terminal, following, seen_by
from tests.faults.wishes import Wishes, wishes
from tests.server.live import Shop, open_shop
from tests.server.support import database_url

STORMS, TERMINALS = (20, 500) if LARGE else (2, 60)
EACH = 25
"""Terminals of one mechanic; he may have 32."""
STORM_SECONDS = 10.0
AGREED_SECONDS = 60.0
"""Only there to end a test that hangs."""
WRONG_SECONDS = 2.0
"""What is still wrong after so long will stay so."""
GROWTH_BYTES = 64 << 20
BOUND_BYTES = BACKLOG_BYTES + FRAME_BYTES_LIMIT
"""What is kept for one who does not read: what was below the limit, and the frame that went beyond it."""


async def differing(path: Path, terminals: list[Terminal], seconds: float) -> list[str]:
    """Wait until all terminals say LIVE and show what the database holds; who does not in time."""
    reader = open_reader(path)

    def wrong() -> list[str]:
        held = [*reader.execute("SELECT id, status, version, mechanic_id FROM sessions WHERE ended_at IS NULL")]
        return [
            one.account.name
            for one in terminals
            if not one.live or one.rows() != seen_by(one.account.id, held)
        ]  # fmt: skip

    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while wrong():  # noqa: ASYNC110 - the terminals tell nobody
                await asyncio.sleep(0.02)
    found = wrong()
    reader.close()
    return found


def memory() -> int:
    """Bytes of memory this process has."""
    words = Path("/proc/self/statm").read_text().split()
    return int(words[1]) * 4096


# --- a storm ------------------------------------------------------------------------------------------------------


@dataclass
class Storm:
    """A shop with many terminals, whose lines are all cut at the same moment."""

    path: Path
    shop: Shop
    door: Balancer
    terminals: list[Terminal]
    waits: str

    async def blow(self, seconds: float) -> float | None:
        """Cut all lines while something happens; the seconds until all are back, each known once, or nothing."""
        await self.door.cut_all()
        await self.shop.act(self.waits, "cancel", reason="")
        self.waits = await self.shop.submit()
        began = asyncio.get_running_loop().time()
        if await differing(self.path, self.terminals, seconds):
            return None
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while len(self.shop.backend.hub.viewers) != len(self.terminals):  # noqa: ASYNC110
                    await asyncio.sleep(0.02)
                return asyncio.get_running_loop().time() - began
        return None


@asynccontextmanager
async def storm(path: Path, terminals: int) -> AsyncIterator[Storm]:
    async with open_shop(database_url(path)) as shop, balancer([shop.backend_port]) as door:
        crew = [accounts.add_mechanic(shop.database, f"M{n}") for n in range(1 + terminals // EACH)]
        who = list(islice(cycle(crew), terminals))
        async with following(door.url, who) as following_it:
            assert await differing(path, following_it, AGREED_SECONDS) == []
            yield Storm(path, shop, door, following_it, await shop.submit())


async def test_a_storm_of_terminals_that_come_back_is_soon_over(tmp_path: Path, tally: Tally) -> None:
    async with storm(tmp_path / "shop.db", TERMINALS) as blowing:
        seconds, sizes = [], []
        for number in range(1, STORMS + 1):
            took = await blowing.blow(STORM_SECONDS)
            assert took is not None, "not all are back"
            seconds.append(took)
            sizes.append(memory())
            tally.progress(number, STORMS, ms_at_worst=round(1000 * max(seconds)))
    assert sizes[-1] - sizes[0] < GROWTH_BYTES
    what = f"storm of {TERMINALS} terminals"
    tally.add(what, storms=STORMS, lines_cut=STORMS * TERMINALS)
    grown = (sizes[-1] - sizes[0]) >> 20
    tally.note(f"{what}: all LIVE again in {max(seconds):.1f} s at worst, {grown} MiB more memory at the end")


@pytest.mark.planted
async def test_terminals_that_are_never_forgotten_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with storm(tmp_path / "shop.db", 10) as blowing:
        with monkeypatch.context() as patch:
            patch.setattr(Hub, "leave", lambda self, viewer: None)
            assert await blowing.blow(WRONG_SECONDS) is None


# --- terminals that do not read -------------------------------------------------------------------------------------


@asynccontextmanager
async def mute(shop: Shop) -> AsyncIterator[None]:
    """A terminal that reads nothing after its handshake."""
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    line.connect(("127.0.0.1", shop.backend_port))
    reader, writer = await asyncio.open_connection(sock=line, limit=1024)
    head = f"GET {FEED_PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {shop.bob.token}\r\n"
    head += "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    writer.write(f"{head}Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode())
    await reader.readuntil(b"\r\n\r\n")
    hello = b'{"t":"hello","api":1,"resume":null}'
    writer.write(bytes([0x81, 0x80 | len(hello), 0, 0, 0, 0]) + hello)
    yield
    writer.transport.abort()


async def largest_backlog(shop: Shop) -> int:
    """Have a terminal that never reads, and say how much is kept for it before it is helped, or far too much is."""
    viewers = shop.backend.hub.viewers
    largest, lagging = 0, False
    async with mute(shop), asyncio.timeout(AGREED_SECONDS):
        while not lagging and largest <= BOUND_BYTES:
            await asyncio.gather(*(shop.submit(concern="x" * 20_000) for _ in range(10)))
            largest = max([largest, *(viewer.line.backlog() for viewer in viewers)])
            lagging = any(viewer.lagging_since is not None for viewer in viewers)
    return largest


async def test_what_is_kept_for_one_who_does_not_read_has_a_bound(shop: Shop, tally: Tally) -> None:
    largest = await largest_backlog(shop)
    assert 0 < largest <= BOUND_BYTES
    tally.note(f"a terminal that does not read: {largest >> 10} KiB kept for it at most")


@pytest.mark.planted
async def test_a_backlog_without_a_bound_is_found(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mechtui.server.hub, "BACKLOG_BYTES", 1 << 40)
    assert await largest_backlog(shop) > BOUND_BYTES


# --- a database that is put back --------------------------------------------------------------------------------------


def digests_are_not_compared(patch: pytest.MonkeyPatch) -> None:
    """They would find it, too, with the next heartbeat."""
    careful = Replica._heartbeat

    def careless(self: Replica, frame: Heartbeat) -> list[Update]:
        return careful(self, frame.model_copy(update={"digest": self.digest}))

    patch.setattr(Replica, "_heartbeat", careless)


async def submit_some(asking: Wishes, backend: BackendProcess, count: int) -> None:
    for _ in range(count):
        body = {"type": "chat", "name": "Jo", "concern": "It stalls."}
        answer = await asking.settled("/api/intakes", backend.desk.token, body)
        assert answer.status_code == 201, answer.text


async def put_back(path: Path, seconds: float) -> list[str]:
    """Restore an old copy and let it come further than it was, while terminals wait; who then shows something else."""
    database, saved = database_url(path), path.with_name("saved.db")
    with BackendProcess(database, 4) as backend:
        await backend.start()
        async with (
            wishes([backend], 1) as asking,
            balancer([backend.port]) as door,
            following(door.url, backend.crew) as terminals,
        ):
            await submit_some(asking, backend, 3)
            engine_of(database).backup(saved, silent)
            await submit_some(asking, backend, 3)
            assert await differing(path, terminals, AGREED_SECONDS) == []
            door.ports = ()
            await door.cut_all()
            backend.stop()
            engine_of(database).restore(saved, silent)
            await backend.start()
            await submit_some(asking, backend, 6)
            door.ports = (backend.port,)
            return await differing(path, terminals, seconds)


async def test_terminals_take_nothing_from_the_history_before_a_restore(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    digests_are_not_compared(monkeypatch)
    assert await put_back(tmp_path / "shop.db", AGREED_SECONDS) == []


@pytest.mark.planted
async def test_a_restore_into_the_same_history_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    digests_are_not_compared(monkeypatch)
    monkeypatch.setattr(files, "new_epoch", lambda connection: None)
    assert await put_back(tmp_path / "shop.db", 3 * WRONG_SECONDS) != []
