"""The net between one terminal and the backend, and what it does to what is sent over it."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import httpx

from mechtui.feed_line import OPEN_SECONDS, Line, LineClosed, OpenLine
from tests.simulation.machine import Host, Reply, Sent
from tests.simulation.wire import LONGEST_DELAY, Wire
from tests.simulation.world import World

SERVER = "http://backend:8420"
LATEST_COPY = 20.0
"""How much later than the first a second copy of a request can come."""

Heard = Callable[[str, Reply], None]


@dataclass(frozen=True)
class Weather:
    """How likely what happens to a request, or to a frame of the feed."""

    delay: float = 0.01
    lose: float = 0.0
    """An answer, or a delta, never comes."""
    twice: float = 0.0
    """A request or a frame comes twice."""
    cut: float = 0.0
    hollow: float = 0.0
    """A delta loses its events, and keeps its range."""


FINE = Weather()


@dataclass
class Link:
    """One terminal's way to the backend. `heard` is told of each answer that arrives, with the request's key."""

    world: World
    name: str
    host: Host
    heard: Heard = lambda key, reply: None
    weather: Weather = FINE
    is_silent: bool = False
    """What is sent arrives nowhere, and nobody is told."""
    refuses_http: bool = False
    refuses_feed: bool = False
    wires: list[Wire] = field(default_factory=list)
    requests: int = 0

    def cut(self) -> None:
        """End what is open; a new line can be had at once."""
        for wire in self.wires:
            wire.cut("cut")

    def silence(self) -> None:
        """Nothing gets through any more, and nobody is told."""
        self.is_silent = True
        self.silence_wires()

    def silence_wires(self) -> None:
        """The lines there are fall silent for good."""
        for wire in self.wires:
            wire.silence()

    def heal(self) -> None:
        """From now on all is well; lines that fell silent stay so."""
        self.weather = replace(FINE, delay=self.weather.delay)
        self.is_silent = self.refuses_http = self.refuses_feed = False

    # --- HTTP ---------------------------------------------------------------------------------------------

    async def ask(self, sent: Sent, patience: float) -> Reply:
        """Carry a request there and its answer back. Raises what `httpx` raises when that does not work."""
        self.requests += 1
        chance = self.world.chance(f"{self.name} request {self.requests}")
        answer: asyncio.Future[Reply] = self.world.loop.create_future()
        try:
            async with asyncio.timeout(patience):
                await self.world.sleep(self._delay(chance))
                if self.refuses_http or not self.host.listens:
                    raise httpx.ConnectError("connection refused")
                self._send(sent, answer, chance)
                return await answer
        except TimeoutError:
            self.world.note(self.name, f"no answer to {sent}")
            raise httpx.ReadTimeout("no answer in time") from None

    def _send(self, sent: Sent, answer: asyncio.Future[Reply], chance: random.Random) -> None:
        if self.is_silent:
            return
        if chance.random() < self.weather.cut / 2:
            self.world.later(self._delay(chance), _fail, answer)
            return
        self.world.later(self._delay(chance), self._arrive, sent, answer, chance)
        if chance.random() < self.weather.twice:
            self.world.note("net", f"{self.name}: {sent} comes twice")
            nobody: asyncio.Future[Reply] = self.world.loop.create_future()
            self.world.later(chance.uniform(0.0, LATEST_COPY), self._arrive, sent, nobody, chance)

    def _arrive(self, sent: Sent, answer: asyncio.Future[Reply], chance: random.Random) -> None:
        if not self.host.listens:
            self.world.later(self._delay(chance), _fail, answer)
            return
        self.host.carry_out(sent, lambda reply: self._back(sent, reply, answer, chance))

    def _back(self, sent: Sent, reply: Reply | None, answer: asyncio.Future[Reply], chance: random.Random) -> None:
        if self.is_silent or chance.random() < self.weather.lose:
            return
        if reply is None or chance.random() < self.weather.cut / 2:
            self.world.later(self._delay(chance), _fail, answer)
            return
        self.world.later(self._delay(chance), self._deliver, sent, reply, answer)

    def _deliver(self, sent: Sent, reply: Reply, answer: asyncio.Future[Reply]) -> None:
        if not answer.done():
            self.world.note(self.name, f"{sent}: {reply.status} {reply.code}")
            self.heard(sent.key, reply)
            answer.set_result(reply)

    def _delay(self, chance: random.Random) -> float:
        return min(LONGEST_DELAY, chance.expovariate(1 / self.weather.delay))

    # --- the feed -----------------------------------------------------------------------------------------

    def opener(self, token: str) -> OpenLine:
        """How the feed gets its lines."""

        async def open_line() -> Line:
            try:
                async with asyncio.timeout(OPEN_SECONDS):
                    return await self._open(token)
            except TimeoutError:
                raise LineClosed("no websocket in time") from None

        return open_line

    async def _open(self, token: str) -> Line:
        wire = Wire(self.world, self, f"{self.name} line {len(self.wires) + 1}", token)
        self.wires.append(wire)
        await self.world.sleep(wire.pause())
        if self.refuses_feed or not self.host.listens:
            raise LineClosed("no websocket: connection refused")
        if self.is_silent:
            wire.is_silent = True
        else:
            self.host.serve(wire)
        await wire.is_open()
        return wire


def _fail(answer: asyncio.Future[Reply]) -> None:
    if not answer.done():
        answer.set_exception(httpx.ReadError("the line was cut"))
        answer.exception()


class Transport(httpx.AsyncBaseTransport):
    """What `httpx` sends, over a link."""

    def __init__(self, link: Link) -> None:
        self._link = link

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """One request."""
        sent = Sent(request.method, request.url.raw_path, tuple(request.headers.raw), await request.aread())
        try:
            reply = await self._link.ask(sent, request.extensions["timeout"]["read"])
        except httpx.RequestError as error:
            error.request = request
            raise
        return httpx.Response(reply.status, headers=list(reply.headers), content=reply.body, request=request)
