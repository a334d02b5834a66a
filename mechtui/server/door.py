"""What a connection may cost before a request of it is understood, and how long it may keep anything waiting.

uvicorn reads heads of any length for any time, waits for ever for the rest of a body, and for ever for somebody to
read an answer. Here each of these has a bound. A look at every connection once a second costs a request nothing.
"""

import resource
from collections.abc import Collection, Iterable
from enum import Enum
from typing import Any

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame

from mechtui.models import Code
from mechtui.server.limits import BODY_LIMIT
from mechtui.server.observe import TurnedAway
from mechtui.server.refusal import Refusal
from mechtui.server.wire import to_json

HEAD_BYTES = 64 * 1024
"""Longest head of a request: its line and its headers."""
HEAD_SECONDS = 10.0
"""How long a head may take, and a new connection until it says anything."""
IDLE_SECONDS = 75
"""How long a connection is kept for the next request."""
GRACE_SECONDS = 20.0
BYTES_A_SECOND = 8 * 1024
"""Whoever sends a body or reads an answer more slowly than this is not waited for, after `GRACE_SECONDS`."""
FRAGMENTS = 64
"""In so many parts a frame of a terminal may come; ours come in one."""
PONGS_BYTES = 64 * 1024
"""So much may lie unread by somebody who goes on to ask whether we are there."""
FILES = 16_384
FILES_KEPT = 128
"""Files and connections to a database that the process needs besides its callers."""
_LINES = {400: b"Bad Request", 408: b"Request Timeout", 431: b"Request Header Fields Too Large"}

NOT_UNDERSTOOD = Refusal(400, Code.INVALID, "This is not HTTP as this backend speaks it; nothing was done.")
HEAD_TOO_LONG = Refusal(431, Code.TOO_LARGE, f"The address and headers are longer than {HEAD_BYTES} bytes.")
TOO_SLOW = Refusal(408, Code.TOO_SLOW, "The request did not come in time: nothing was done. Send it again.")


class _Stage(Enum):
    HEAD = "the head of a request is awaited"
    BODY = "its body is coming in"
    WHOLE = "all of it is here; when it has been answered, the next may come"


class _Unread:
    """Since when the peer has not taken what was written to it."""

    def __init__(self) -> None:
        self._since: float | None = None
        self._bytes = 0

    def moved(self) -> None:
        """It has taken something."""
        self._since = None

    def too_long(self, waiting: int, now: float) -> bool:
        """Whether it reads too slowly; `waiting` bytes are unread now."""
        if not waiting:
            self._since = None
        elif self._since is None:
            self._since, self._bytes = now, waiting
        return self._since is not None and now - self._since > _seconds_for(self._bytes)


class Doorway(HttpToolsProtocol):
    """One connection until it becomes a feed."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self._stage = _Stage.HEAD
        self._since = self.loop.time()
        self._received = self._unclear = 0
        self._said = False
        self._unread = _Unread()
        self._refusal = NOT_UNDERSTOOD

    def connection_made(self, transport: Any) -> None:
        """Somebody came; when there is no room, whoever has been quiet for longest has to go."""
        super().connection_made(transport)
        make_room(self.connections)

    def data_received(self, data: bytes) -> None:
        """Some bytes came."""
        self._unset_keepalive_if_required()
        self._said = True
        self._received += len(data)
        self._unclear += len(data)
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            if self._should_upgrade():
                self._become_feed()
        except httptools.HttpParserError:
            self._turn_away(self._refusal)
        else:
            self._refuse_endless()

    def _become_feed(self) -> None:
        """A feed begins; not behind a request that is still to be answered on the same line."""
        if self._answering:
            self._turn_away(NOT_UNDERSTOOD)
        else:
            self.handle_websocket_upgrade()

    def _refuse_endless(self) -> None:
        """Refuse what has been coming in without an end: a head, a chunk's size, or what follows a body."""
        if self._stage is not _Stage.WHOLE and self._unclear > HEAD_BYTES:
            self._turn_away(HEAD_TOO_LONG)
        elif self._stage is _Stage.BODY and self._received > 2 * BODY_LIMIT:
            self.transport.abort()  # until then it was read on, so that a refusal could be heard

    def on_message_begin(self) -> None:
        """A request begins."""
        self._enter(_Stage.HEAD)
        self._unread.moved()
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        """One header; not one that follows a body, where it could say something else than what was judged."""
        if self._stage is _Stage.HEAD:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Its head is whole."""
        self._enter(_Stage.BODY)
        if len(self.url) + sum(len(name) + len(value) for name, value in self.headers) > HEAD_BYTES:
            self._refusal = HEAD_TOO_LONG
            raise ValueError(HEAD_TOO_LONG.error)
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Some of its body came."""
        self._unclear = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """All of it is here."""
        self._enter(_Stage.WHOLE)
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """It was answered."""
        self._since, self._said = self.loop.time(), False
        super().on_response_complete()

    def resume_writing(self) -> None:
        """Most of what was written has been taken."""
        self._unread.moved()
        super().resume_writing()

    @property
    def quiet_since(self) -> float | None:
        """Since when nothing of it is being worked on, in the loop's time; nothing while something is."""
        return None if self._answering or self._stage is _Stage.BODY else self._since

    def look(self, now: float) -> None:
        """Let it go if it keeps us waiting for too long."""
        if self._unread.too_long(self.transport.get_write_buffer_size(), now):
            self.transport.abort()
        elif self.transport.is_closing():
            return  # what was said of it is said; over TLS a goodbye is awaited, for a time of its own
        elif self._stage is _Stage.BODY:
            self._look_at_body(now)
        elif not self._answering and now - self._since > self._patience:
            self._give_up(TOO_SLOW if self._said else None)

    @property
    def _patience(self) -> float:
        return HEAD_SECONDS if self._stage is _Stage.HEAD else IDLE_SECONDS

    def let_go(self) -> None:
        """End it at once."""
        self.transport.abort()

    def _look_at_body(self, now: float) -> None:
        if self.flow.read_paused:  # it is we who have not taken what came
            self._since = now
        elif now - self._since > _seconds_for(self._received):
            cycle: RequestResponseCycle | None = self.cycle
            self._give_up(TOO_SLOW if cycle is None or not cycle.response_started else None)

    def _give_up(self, why: Refusal | None) -> None:
        if why is None:
            self.transport.close()
        else:
            self._turn_away(why)

    @property
    def _answering(self) -> bool:
        """Whether a request that is here as a whole has not been answered yet."""
        cycle: RequestResponseCycle | None = self.cycle
        return cycle is not None and not cycle.response_complete and not cycle.more_body

    def _enter(self, stage: _Stage) -> None:
        self._stage, self._since = stage, self.loop.time()
        self._received = self._unclear = 0

    def _turn_away(self, refusal: Refusal) -> None:
        """Say why, then close. What is being carried out is answered first, and nothing but: who sent it would take
        a refusal of what came after it for its answer.
        """
        self.config.app.observe(TurnedAway(refusal.code))  # type: ignore[union-attr]
        if self._answering:
            self.cycle.keep_alive = False
            self.pipeline.clear()
            return
        body = to_json(refusal.body).encode()
        head = b"HTTP/1.1 %d %s\r\ncontent-type: application/json\r\ncontent-length: %d\r\nconnection: close\r\n\r\n"
        self.transport.write(head % (refusal.status, _LINES[refusal.status], len(body)) + body)
        self.transport.close()


class FeedLine(WebSocketsSansIOProtocol):
    """One connection that has become a feed."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self._unread = _Unread()

    async def send(self, message: Any) -> None:
        """Send it. A refusal ends the handshake; uvicorn would say in its log that nobody had answered."""
        await super().send(message)
        self.handshake_complete |= message["type"] == "websocket.http.response.body"

    def handle_ping(self) -> None:
        """Answer it; but what is answered to somebody who does not read has a bound."""
        if self.transport.get_write_buffer_size() > PONGS_BYTES:
            self.transport.abort()
        super().handle_ping()

    def handle_cont(self, event: Frame) -> None:
        """Put the next part to those before it; a part may be empty, so there is no bound but this to their number."""
        if len(self.frames) >= FRAGMENTS:
            self.transport.abort()
        super().handle_cont(event)

    def resume_writing(self) -> None:
        """Most of what was written has been taken."""
        self._unread.moved()
        super().resume_writing()

    def look(self, now: float) -> None:
        """Let it go if it does not read, whether or not the hub has done with it."""
        if self._unread.too_long(self.transport.get_write_buffer_size(), now):
            self.transport.abort()


def look_at_all(connections: Iterable[Any], now: float) -> None:
    """Let those go that keep us waiting for too long; to be called once a second."""
    for connection in list(connections):
        connection.look(now)


def open_files() -> None:
    """Let this process have as many files open as it may, up to `FILES`: each caller is one."""
    soft, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES if most == resource.RLIM_INFINITY else min(FILES, most)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))


def _room() -> int:
    """How many connections there may be at once."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return FILES - FILES_KEPT if soft == resource.RLIM_INFINITY else max(1, min(soft, FILES) - FILES_KEPT)


def make_room(connections: Collection[Any]) -> None:
    """When there are too many, let a tenth of those go that have been quiet for longest: so it is looked for seldom."""
    if len(connections) <= _room():
        return
    quiet = [one for one in connections if not isinstance(one, FeedLine) and one.quiet_since is not None]
    quiet.sort(key=lambda connection: connection.quiet_since)
    for connection in quiet[: max(1, len(quiet) // 10)]:
        connection.let_go()


def _seconds_for(size: int) -> float:
    """How long so many bytes may take on their way."""
    return GRACE_SECONDS + size / BYTES_A_SECOND
