"""A bad line: a relay before a backend that knows where a frame of the feed ends, and harms frame by frame.

Everything goes through it, HTTP and websockets. TCP keeps order and loses nothing, so neither does the relay: frames
are dropped, repeated and emptied whole, as a faulty hub or a middlebox would, and lines are cut or fall silent.
"""

import asyncio
import json
import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from websockets.frames import Frame, Opcode

THAW_SECONDS = 0.4
"""A line that is silent only for a while is so for at most this long."""
_CHUNK_BYTES = 1 << 16
_End = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass(frozen=True)
class Weather:
    """How bad a line is: the chance of each fault, for each frame or piece of HTTP on its way to the terminal.

    `delay` is the longest a frame is held up, in seconds. `cut` ends the line without a closing handshake; `freeze`
    silences it, half of them for good. `drop`, `duplicate` and `hollow` (a delta keeps its range and loses its
    events) are for frames of the feed only.
    """

    delay: float = 0.0
    cut: float = 0.0
    freeze: float = 0.0
    drop: float = 0.0
    duplicate: float = 0.0
    hollow: float = 0.0


CALM = Weather()


class _CutError(Exception):
    """The line is to be cut now."""


@dataclass
class Proxy:
    """A relay to the backend at `port`, whose faults follow from `seed`.

    `faults` counts what it did, `feeds` how many feeds were asked for.
    """

    port: int
    weather: Weather
    seed: str
    faults: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._chance = random.Random(self.seed)
        self._lines: set[asyncio.Task[None]] = set()
        self._flows: set[asyncio.Event] = set()
        self.feeds = 0
        self.url = ""

    def silence(self) -> None:
        """Nothing passes any more on the lines there are now. New ones can be had."""
        for flow in self._flows:
            flow.clear()

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """A terminal has come."""
        line = asyncio.create_task(self._relay(reader, writer))
        self._lines.add(line)
        line.add_done_callback(self._lines.discard)

    async def _relay(self, near_reader: asyncio.StreamReader, near: asyncio.StreamWriter) -> None:
        """Serve one connection of a terminal until either side ends it."""
        flow = asyncio.Event()
        flow.set()
        self._flows.add(flow)
        writers = [near]
        try:
            self._maybe_cut()
            far_reader, far = await asyncio.open_connection("127.0.0.1", self.port)
            writers.append(far)
            head = await near_reader.readuntil(b"\r\n\r\n")
            far.write(head)
            is_feed = b"upgrade: websocket" in head.lower()
            self.feeds += is_feed
            await self._pump_both((near_reader, near), (far_reader, far), flow, is_feed=is_feed)
        except (_CutError, OSError, asyncio.IncompleteReadError):
            near.transport.abort()
        finally:
            self._flows.discard(flow)
            for writer in writers:
                writer.close()

    async def _pump_both(self, near: _End, far: _End, flow: asyncio.Event, *, is_feed: bool) -> None:
        pumps = (
            asyncio.create_task(_pump(near[0], far[1], flow)),
            asyncio.create_task(self._harm(far[0], near[1], flow, is_feed=is_feed)),
        )
        try:
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for pump in pumps:
                pump.cancel()
            ends = await asyncio.gather(*pumps, return_exceptions=True)
        for end in ends:
            if isinstance(end, Exception):
                raise end

    async def _harm(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, flow: asyncio.Event, *, is_feed: bool
    ) -> None:
        """Carry what the backend says to the terminal, through the weather."""
        pieces = _frames(reader) if is_feed else _chunks(reader)
        async for piece in pieces:
            self._maybe_cut()
            self._maybe_freeze(flow)
            await asyncio.sleep(self._chance.uniform(0.0, self.weather.delay))
            await flow.wait()
            for sent in self._harmed(piece) if isinstance(piece, Frame) else [piece]:
                writer.write(sent)
            await writer.drain()

    def _harmed(self, frame: Frame) -> list[bytes]:
        """What of a frame arrives, and how often."""
        if frame.opcode is Opcode.TEXT and self._strikes("drop"):
            return []
        if frame.opcode is Opcode.TEXT and self.weather.hollow:
            frame = self._maybe_hollow(frame)
        copies = 2 if frame.opcode is Opcode.TEXT and self._strikes("duplicate") else 1
        return [bytes(frame.serialize(mask=False))] * copies

    def _maybe_hollow(self, frame: Frame) -> Frame:
        said: dict[str, Any] = json.loads(bytes(frame.data))
        if said["t"] == "delta" and said["events"] and self._strikes("hollow"):
            return Frame(Opcode.TEXT, json.dumps(said | {"events": [], "counts": None}).encode())
        return frame

    def _maybe_cut(self) -> None:
        if self._strikes("cut"):
            raise _CutError

    def _maybe_freeze(self, flow: asyncio.Event) -> None:
        if self._strikes("freeze"):
            flow.clear()
            if self._chance.random() < 0.5:
                asyncio.get_running_loop().call_later(self._chance.uniform(0.0, THAW_SECONDS), flow.set)

    def _strikes(self, fault: str) -> bool:
        strikes: bool = self._chance.random() < getattr(self.weather, fault)
        self.faults[fault] += strikes
        return strikes

    async def drop_all(self) -> None:
        """End every line that is left."""
        for line in self._lines:
            line.cancel()
        await asyncio.gather(*self._lines, return_exceptions=True)


@asynccontextmanager
async def bad_line(port: int, weather: Weather, seed: str) -> AsyncIterator[Proxy]:
    """A relay before the backend at `port`, until the block ends."""
    proxy = Proxy(port, weather, seed)
    server = await asyncio.start_server(proxy.accept, "127.0.0.1", 0)
    proxy.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield proxy
    finally:
        server.close()
        await proxy.drop_all()
        await server.wait_closed()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, flow: asyncio.Event) -> None:
    async for chunk in _chunks(reader):
        await flow.wait()
        writer.write(chunk)
        await writer.drain()


async def _chunks(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    while chunk := await reader.read(_CHUNK_BYTES):
        yield chunk


async def _frames(reader: asyncio.StreamReader) -> AsyncIterator[bytes | Frame]:
    """The head of the answer to a handshake, then the frames; a refused handshake is HTTP to its end."""
    head = await reader.readuntil(b"\r\n\r\n")
    yield head
    if b" 101 " not in head.partition(b"\r\n")[0]:
        async for chunk in _chunks(reader):
            yield chunk
        return
    with suppress(asyncio.IncompleteReadError):
        while True:
            yield await _frame(reader)


async def _frame(reader: asyncio.StreamReader) -> Frame:
    """One frame of the backend's: never masked, never in parts."""
    first, second = await reader.readexactly(2)
    size = second & 0x7F
    if size >= 126:
        size = int.from_bytes(await reader.readexactly(2 if size == 126 else 8))
    return Frame(Opcode(first & 0x0F), await reader.readexactly(size))
