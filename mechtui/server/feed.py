"""The feed's websocket: from the handshake to the last frame of one terminal."""

import asyncio
from collections import Counter
from typing import Annotated

from pydantic import Field, TypeAdapter, ValidationError
from websockets.frames import Frame, Opcode

from mechtui.frames import FEED_PATH, Ack, Hello, Reading, Resume
from mechtui.models import API_VERSION, Code
from mechtui.server import auth
from mechtui.server.asgi import Message, Receive, Scope, Send
from mechtui.server.db import lists
from mechtui.server.db.errors import DatabaseBusyError
from mechtui.server.db.mechanics import availability_of
from mechtui.server.db.sessions import Mechanic
from mechtui.server.db.store import Store
from mechtui.server.hosts import Hosts
from mechtui.server.hub import Hub
from mechtui.server.limits import FEEDS_EACH, Limits, too_many
from mechtui.server.observe import Observer, Terminal, TurnedAway
from mechtui.server.refusal import Refusal, not_found
from mechtui.server.viewers import Line, Viewer
from mechtui.server.wire import to_json

HELLO_SECONDS = 3.0
FEED_WAIT_SECONDS = 30.0
"""After so long a mechanic with too many terminals may try whether one of them has ended."""

_FROM_TERMINAL: TypeAdapter[Hello | Ack | Reading] = TypeAdapter(
    Annotated[Hello | Ack | Reading, Field(discriminator="t")]
)


class WebsocketLine:
    """A terminal's line over uvicorn's websocket, written to without waiting.

    ASGI knows only a `send` that waits for the reader. The hub must not wait for anybody, and must know how much
    one has not read, so frames go to the connection's transport; everything else goes through ASGI.
    """

    def __init__(self, send: Send) -> None:
        self._send = send
        self._transport: asyncio.Transport = send.__self__.transport  # type: ignore[attr-defined]
        self._closing: asyncio.Future[None] | None = None

    def send(self, text: str) -> None:
        """Write one frame."""
        if not self._transport.is_closing():
            self._transport.write(_frame(text))

    def backlog(self) -> int:
        """Bytes written that the terminal has not taken yet."""
        return self._transport.get_write_buffer_size()

    def close(self, code: int, why: str) -> None:
        """Say why, then close."""
        message = {"type": "websocket.close", "code": code, "reason": why}
        self._closing = asyncio.ensure_future(self._send(message))

    def abort(self) -> None:
        """Drop the line without a word."""
        self._transport.abort()


def _frame(text: str) -> bytes:
    return bytes(Frame(Opcode.TEXT, text.encode("utf-8", "surrogatepass")).serialize(mask=False))


class FeedEndpoint:
    """An ASGI application for the one path of the feed."""

    def __init__(self, store: Store, hub: Hub, hosts: Hosts, limits: Limits, observe: Observer) -> None:
        self._store = store
        self._hub = hub
        self._hosts = hosts
        self._limits = limits
        self._observe = observe
        self._open: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one terminal until its line ends."""
        await receive()
        try:
            me = await self._admitted(scope)
        except Refusal as refusal:
            self._observe(TurnedAway(refusal.code))
            await _refuse(send, refusal)
            return
        self._open[me.id] += 1
        try:
            await self._talk(me, receive, send)
        finally:
            self._open[me.id] -= 1
            if not self._open[me.id]:
                del self._open[me.id]

    async def _talk(self, me: Mechanic, receive: Receive, send: Send) -> None:
        await send({"type": "websocket.accept"})
        hello = await _hello(receive, send)
        if hello is None:
            return
        if hello.api != API_VERSION:
            await _close(send, 4406, "this terminal is too old; update mechtui")
            return
        await self._serve(me, hello.resume, receive, send)

    async def _admitted(self, scope: Scope) -> Mechanic:
        """The mechanic, or the `Refusal` of the handshake. Browsers are refused: they send an Origin."""
        self._hosts.check(scope)
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        if scope["path"] != FEED_PATH:
            raise not_found("feed")
        if "origin" in headers:
            raise Refusal(403, Code.FORBIDDEN, "The feed is for terminals, not for web pages.")
        principal = await self._limits.identified(self._store, headers.get("authorization", ""), scope.get("client"))
        self._limits.ask(principal)
        if principal.kind != "mechanic":
            raise Refusal(403, Code.FORBIDDEN, f"The feed needs a mechanic's token, not a {principal.kind}'s.")
        if self._open[principal.id] >= FEEDS_EACH:
            raise too_many(f"You have {FEEDS_EACH} terminals open here, and may have no more", FEED_WAIT_SECONDS)
        return principal.mechanic

    async def _serve(self, me: Mechanic, resume: Resume | None, receive: Receive, send: Send) -> None:
        try:
            viewer = await new_viewer(self._store, self._hub, me, WebsocketLine(send))
        except DatabaseBusyError:
            await _close(send, 1013, auth.TRY_AGAIN)
            return
        self._hub.join(viewer, resume.epoch if resume else None, resume.seq if resume else 0)
        self._observe(Terminal(me.id, came=True))
        try:
            while (message := await receive())["type"] == "websocket.receive":
                self._limits.ask_frame(me.id)
                match _parsed(message):
                    case Ack():
                        viewer.acked_at = self._hub.steady()
                    case Reading(session=session_id):
                        self._hub.read(viewer, session_id)
        except Refusal as refusal:
            self._observe(TurnedAway(refusal.code))
            await _close(send, 4429, "too many frames")
        finally:
            self._hub.leave(viewer)
            self._observe(Terminal(me.id, came=False))


async def new_viewer(store: Store, hub: Hub, me: Mechanic, line: Line) -> Viewer:
    """A viewer whose counts are of the hub's very position: nothing may come between those and joining the hub."""
    availability = await store.look(availability_of, me.id)
    completed, history, seq = await store.read(lists.ended_counts, me.id)
    viewer = Viewer(me, line, completed, history, hub.steady())
    viewer.availability = availability or viewer.availability
    await hub.reach(seq)
    hub.catch_up(viewer, seq)
    return viewer


async def _hello(receive: Receive, send: Send) -> Hello | None:
    """The terminal's first frame, or nothing when the line was closed for want of it."""
    try:
        message = await asyncio.wait_for(receive(), HELLO_SECONDS)
    except TimeoutError:
        await _close(send, 4408, "no hello in time")
        return None
    frame = _parsed(message) if message["type"] == "websocket.receive" else None
    if isinstance(frame, Hello):
        return frame
    await _close(send, 4408, "the first frame must be a hello")
    return None


def _parsed(message: Message) -> Hello | Ack | Reading | None:
    try:
        return _FROM_TERMINAL.validate_json(message.get("text") or "")
    except ValidationError:
        return None


async def _refuse(send: Send, refusal: Refusal) -> None:
    headers = [(b"content-type", b"application/json"), *refusal.headers]
    await send({"type": "websocket.http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": to_json(refusal.body).encode()})


async def _close(send: Send, code: int, why: str) -> None:
    await send({"type": "websocket.close", "code": code, "reason": why})
