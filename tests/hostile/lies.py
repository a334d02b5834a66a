"""A third tour, with a backend that answers with hostile words: refusals, failures, reasons for closing the line."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.types import ASGIApp, Receive, Scope, Send

from tests.hostile.shop import HostileShop
from tests.hostile.terminal import Terminal
from tests.hostile.tour import Visit

WORDS = "\x1b]0;zq209x\x07\u202e\x9b2J\x1b[2J[/]zq209x"
"""What it says; a reason for closing a line has room for no more."""
TOO_OLD = 4406


class Liar:
    """Stands before a backend and, while it lies, answers each request and each terminal itself."""

    def __init__(self, honest: ASGIApp) -> None:
        self._honest = honest
        self.status = 0
        self.code = ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not self.status:
            await self._honest(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.accept"})
            await send({"type": "websocket.close", "code": self.status, "reason": WORDS})
        else:
            body = json.dumps({"error": WORDS, "code": self.code, "by": {"id": WORDS, "name": WORDS}}).encode()
            headers = [(b"content-type", b"application/json")]
            await send({"type": "http.response.start", "status": self.status, "headers": headers})
            await send({"type": "http.response.body", "body": body})

    @asynccontextmanager
    async def lying(self, status: int, code: str = "") -> AsyncIterator[None]:
        """It lies for the block."""
        self.status, self.code = status, code
        try:
            yield
        finally:
            self.status = 0


async def lies(hostile: HostileShop, screen: Terminal) -> None:
    """Everything that says why something was not done or cannot be read."""
    backend = hostile.shop.backend
    http = Liar(backend._gate)
    backend._gate = http  # type: ignore[assignment]
    screen.at("list")
    await screen.sees("LIVE")
    await screen.press("G", "g")
    await refused(http, screen)
    async with http.lying(500, "BROKEN"):
        await not_read(screen)
    await no_line(hostile, screen)


async def refused(http: Liar, screen: Terminal) -> None:
    """Each kind of no."""
    for code in ("NOT_ELIGIBLE", "ALREADY_TAKEN", "\x1b]0;zq209x\x07"):
        async with http.lying(409, code):
            screen.at(f"toast of {code!a}")
            await screen.press("g", "x", "1", until="zq209x")
            await screen.gone("zq209x")


async def not_read(screen: Terminal) -> None:
    for place, key in {"an intake": "enter", "what was before": "v", "files": "t", "figures": "5"}.items():
        screen.at(f"{place} not read")
        await screen.press("g", key, until="zq209x")
        await screen.leave("zq209x")
    screen.at("a list not read")
    await screen.press("4", until="could not be loaded")
    await screen.press("1", until="LEFT")


async def no_line(hostile: HostileShop, screen: Terminal) -> None:
    backend = hostile.shop.backend
    line = Liar(backend._feed)
    backend._feed = line  # type: ignore[assignment]
    screen.at("why it polls")
    line.status = 1011
    backend.hub.farewell(WORDS, retry_in=0.1)
    for viewer in list(backend.hub.viewers):
        viewer.line.close(1011, WORDS)
    await screen.sees("POLLING")
    screen.at("too old")
    line.status = TOO_OLD
    await screen.press("r", until="Too old")
    screen.at("end")
    await screen.press("q")


LIES = Visit(lies, frozenset({"SetupPanel"}))
