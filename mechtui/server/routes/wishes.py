"""What every write has in common: its key, its fingerprint, one at a time, and the stored answer."""

import hashlib
import json
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from fastapi import Depends, Request
from fastapi.responses import Response

from mechtui.models import Changed, Code, Problem
from mechtui.server.auth import Principal
from mechtui.server.db.answers import Refused, Reply, Ticket, nothing
from mechtui.server.db.rows import SessionRow, holder_view, own_view
from mechtui.server.db.tx import Tx
from mechtui.server.refusal import Refusal
from mechtui.server.wire import to_json

if TYPE_CHECKING:
    from mechtui.server.app import Backend

T = TypeVar("T")


def backend_of(request: Request) -> "Backend":
    """The backend this request came to."""
    backend: Backend = request.app.state.backend
    return backend


def principal_of(request: Request, *kinds: Literal["mechanic", "desk", "customer"]) -> Principal:
    """Who asks, if his kind of token may; else the 403."""
    principal: Principal = request.state.principal
    if principal.kind not in kinds:
        raise Refusal(403, Code.FORBIDDEN, f"This needs a {' or '.join(kinds)} token, not a {principal.kind} one.")
    return principal


async def carry_out(
    request: Request,
    principal: Principal,
    work: Callable[[Tx], T],
    encode: Callable[[T], str],
    status: int = 200,
    refused: Refused = nothing,
) -> Reply:
    """Carry out a write once for its key; a repeated key gets the first answer again."""
    ticket = await _ticket(request, principal)
    backend, flight = backend_of(request), (ticket.principal, ticket.key)
    if flight in backend.in_flight:
        raise Refusal(409, Code.IN_FLIGHT, "The same request is under way; ask again in a moment.")
    backend.in_flight.add(flight)
    try:
        return await backend.store.answer(ticket, work, encode, status, refused)
    finally:
        backend.in_flight.discard(flight)


def respond(reply: Reply) -> Response:
    """The answer of a write over HTTP."""
    headers = {"Idempotent-Replayed": "true"} if reply.replayed else None
    return Response(reply.body, status_code=reply.status, media_type="application/json", headers=headers)


def changed(request: Request) -> Callable[[SessionRow], str]:
    """How a changed session is answered: `{"session": …}` as its holder or customer sees it."""
    shop, principal = backend_of(request).shop, principal_of(request, "mechanic", "desk", "customer")
    view = holder_view if principal.kind == "mechanic" else own_view

    def encode(row: SessionRow) -> str:
        return to_json({"session": view(row, shop)})

    return encode


async def need_key(request: Request) -> None:
    """Refuse a write without a well-formed key before its body is looked at."""
    key_of(request)


KEY: dict[str, Any] = {
    "parameters": [
        {
            "name": "Idempotency-Key",
            "in": "header",
            "required": True,
            "description": "A UUID of its own; the same one again for the same write, whose answer was lost.",
            "schema": {"type": "string", "format": "uuid"},
        }
    ]
}
"""The header of every write, for the description of the routes."""

WRITE: dict[str, Any] = {
    "openapi_extra": KEY,
    "response_model": Changed,
    "responses": {status: {"model": Problem} for status in (400, 404, 409, 410, 503)},
    "dependencies": [Depends(need_key)],
}
"""What every route of a write says of itself; most answer with the changed session."""


async def _ticket(request: Request, principal: Principal) -> Ticket:
    body = await request.body()
    asked = f"{request.method} {request.url.path}\n".encode() + _canonical(body)
    return Ticket(principal.key, key_of(request), hashlib.sha256(asked).hexdigest())


def key_of(request: Request) -> str:
    """The key of a write, in one spelling; the 400 without one."""
    try:
        return str(uuid.UUID(request.headers.get("idempotency-key", "")))
    except ValueError:
        raise Refusal(
            400,
            Code.IDEMPOTENCY_KEY_REQUIRED,
            "A write needs an Idempotency-Key header holding a UUID of its own.",
        ) from None


def _canonical(body: bytes) -> bytes:
    """The body free of spelling: two that mean the same have one fingerprint. The 422 for one that means nothing."""
    if not body:
        return b""
    try:
        value: Any = json.loads(body)
    except (ValueError, RecursionError):
        raise Refusal(422, Code.INVALID, "Not understood: the body is no JSON.") from None
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()
