"""The gate in front of every HTTP route: who asks, by which name, how much, whether he is too old.

It stands outside the framework so that a 401 comes before any other judgement, a body is never read further than
it may be long, and nothing here costs a request more than microseconds.
"""

from typing import Any

from starlette.exceptions import HTTPException

from mechtui.models import API_VERSION, Code
from mechtui.server.asgi import Message, Receive, Scope, Send
from mechtui.server.db.store import Store
from mechtui.server.hosts import Hosts
from mechtui.server.limits import BODY_LIMIT, Limits
from mechtui.server.refusal import Refusal
from mechtui.server.wire import to_json

_OPEN = frozenset({"/api/health"})
"""Nor are these ever too many: a balancer that is told so by a backend sends nobody there any more."""


class Gate:
    """An ASGI application around another one."""

    def __init__(self, inner: Any, store: Store, hosts: Hosts, limits: Limits) -> None:
        self._inner = inner
        self._store = store
        self._hosts = hosts
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through with its principal in `scope["state"]`, or answer it here."""
        if scope["type"] != "http":
            await self._inner(scope, receive, send)
            return
        headers = dict(scope["headers"])
        try:
            self._hosts.check(scope)
            await self._admit(scope, headers)
            await self._inner(scope, _limited(receive, headers), _unstored(send))
        except Refusal as refusal:
            await _answer(send, refusal)

    async def _admit(self, scope: Scope, headers: dict[bytes, bytes]) -> None:
        path = scope["path"]
        if path in _OPEN:
            return
        if not path.startswith("/api/"):
            self._limits.ask_signed_out(scope.get("client"))
            return
        authorization = headers.get(b"authorization", b"").decode("latin-1")
        principal = await self._limits.identified(self._store, authorization, scope.get("client"))
        scope.setdefault("state", {})["principal"] = principal
        self._limits.ask(principal)
        self._hosts.check_origin(scope, headers)
        spoken = headers.get(b"mechtui-api", b"").decode("latin-1")
        if spoken.isascii() and spoken.isdigit() and spoken.lstrip("0") != str(API_VERSION):
            raise Refusal(
                426, Code.TOO_OLD, f"This backend speaks version {API_VERSION} of the protocol, not {spoken:.9}."
            )


def _limited(receive: Receive, headers: dict[bytes, bytes]) -> Receive:
    """`receive` up to the limit. The framework lets its own exception pass where it reads a body, and no other."""
    declared = headers.get(b"content-length", b"0")
    seen = 0

    async def limited() -> Message:
        nonlocal seen
        refuse_over_limit(int(declared) if declared.isdigit() else 0)
        message = await receive()
        seen += len(message.get("body", b""))
        refuse_over_limit(seen)
        return message

    def refuse_over_limit(length: int) -> None:
        if length > BODY_LIMIT:
            raise HTTPException(413, f"The body is longer than {BODY_LIMIT} bytes.")

    return limited


def _unstored(send: Send) -> Send:
    """No cache may keep an answer: the queue of a minute ago is a lie."""

    async def unstored(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", []), (b"cache-control", b"no-store")]
        await send(message)

    return unstored


async def _answer(send: Send, refusal: Refusal) -> None:
    body = to_json(refusal.body).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    headers += [(b"cache-control", b"no-store")]
    headers += refusal.headers
    await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
