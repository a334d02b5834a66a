"""What can be seen of the backend from outside. `metrics.py` counts it, `logs.py` writes it; nothing a customer wrote.

Whoever observes is a function that takes what was seen, at once and without waiting.
"""

import json
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mechtui.server.asgi import Message, Receive, Scope, Send
from mechtui.server.clock import moment
from mechtui.server.db.events import Batch

_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True)
class Committed:
    """A commit's events went to the terminals, at this moment."""

    batch: Batch
    at: datetime

    @property
    def lag(self) -> float:
        """Seconds since the time the events bear."""
        return (self.at - moment(self.batch.events[0].at)).total_seconds()


@dataclass(frozen=True)
class Answered:
    """One HTTP request and its answer.

    `route` is the path with names in place of ids, empty when there is none such; `who` a kind of token and an id;
    `code` that of the refusal, or empty.
    """

    method: str
    route: str
    session: str
    who: str
    status: int
    code: str
    seconds: float


@dataclass(frozen=True)
class Terminal:
    """A terminal of this mechanic came to the feed, or left."""

    mechanic: str
    came: bool


@dataclass(frozen=True)
class TurnedAway:
    """Somebody was refused before there was a request or a terminal to tell of, with this code."""

    code: str


@dataclass(frozen=True)
class Told:
    """Something about the backend itself: `serving`, `stopped`, `database_away`, `database_back`, `damage`."""

    event: str
    why: str = ""


Seen = Committed | Answered | Terminal | TurnedAway | Told
Observer = Callable[[Seen], None]


def all_of(observers: Sequence[Observer]) -> Observer:
    """All of them as one."""

    def observe(seen: Seen) -> None:
        for observer in observers:
            observer(seen)

    return observe


class Observed:
    """An ASGI application around another one: each of its answers is observed."""

    def __init__(self, inner: Any, observe: Observer) -> None:
        self._inner = inner
        self._observe = observe

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through, and look at its answer on the way."""
        if scope["type"] != "http":
            await self._inner(scope, receive, send)
            return
        began = time.perf_counter()
        answer = _Answer(send)
        try:
            await self._inner(scope, receive, answer)
        finally:
            self._observe(_answered(scope, answer, time.perf_counter() - began))


class _Answer:
    """Passes an answer on, and keeps its status and the body of a refusal, which is short."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.status = 0
        self._refusal = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        elif self.status >= 400:
            self._refusal += message.get("body", b"")
        await self._send(message)

    def code(self) -> str:
        """The code of the refusal, read off its body as a client would."""
        try:
            return str(json.loads(self._refusal)["code"])
        except (ValueError, KeyError, TypeError):
            return ""


def _answered(scope: Scope, answer: _Answer, seconds: float) -> Answered:
    principal = scope.get("state", {}).get("principal")
    session = str(scope.get("path_params", {}).get("session_id", ""))
    return Answered(
        method=scope["method"],
        route=getattr(scope.get("route"), "path", ""),
        session=session if _ID.fullmatch(session) else "",
        who=principal.key if principal is not None else "",
        status=answer.status,
        code=answer.code(),
        seconds=seconds,
    )
