"""Routes of the customer's side, and those both sides share: submit, join, end, cancel, rate, and reading a session."""

import json
from functools import partial
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from mechtui.models import (
    Intake,
    Problem,
    RateRequest,
    ReasonRequest,
    SessionDetail,
    SubmitRequest,
    Submitted,
)
from mechtui.pictures import encode
from mechtui.server.accounts import customer_token, token_hash
from mechtui.server.auth import Principal, bearer
from mechtui.server.db import completed, details, intakes, sessions
from mechtui.server.db.rows import SessionRow, own_view
from mechtui.server.refusal import not_found
from mechtui.server.routes.wishes import WRITE, backend_of, carry_out, changed, key_of, principal_of, respond
from mechtui.server.wire import json_response, to_json

_KNOWN: dict[int | str, dict[str, Any]] = {status: {"model": Problem} for status in (401, 403, 404, 422)}

router = APIRouter(responses=_KNOWN)


async def anybody(request: Request, session_id: str) -> Principal:
    """Whoever asks, unless he is the customer of another session."""
    return _of_this_session(principal_of(request, "mechanic", "desk", "customer"), session_id)


async def customers_side(request: Request, session_id: str) -> Principal:
    """The session's customer, or the desk for him."""
    return _of_this_session(principal_of(request, "desk", "customer"), session_id)


async def the_desk(request: Request) -> Principal:
    """The desk."""
    return principal_of(request, "desk")


def _of_this_session(principal: Principal, session_id: str) -> Principal:
    if principal.kind == "customer" and principal.id != session_id:
        raise not_found()
    return principal


Anybody = Annotated[Principal, Depends(anybody)]
CustomersSide = Annotated[Principal, Depends(customers_side)]
Desk = Annotated[Principal, Depends(the_desk)]


@router.post("/api/intakes", status_code=201, **WRITE | {"response_model": Submitted})
async def submit(request: Request, desk: Desk, wish: SubmitRequest) -> Response:
    """A customer asks for help: customer, intake, files and session, all of it or nothing."""
    shop = backend_of(request).shop
    token = customer_token(bearer(request.headers["authorization"]), key_of(request))

    def encode(row: SessionRow) -> str:
        return to_json({"session": own_view(row, shop)})

    thumbs = await backend_of(request).thumbs.of(wish.files)
    work = partial(intakes.submit, wish=wish, customer_token_hash=token_hash(token), thumbs=thumbs)
    reply = await carry_out(request, desk, work, encode, status=201)
    if reply.status == 201:
        reply = reply._replace(body=to_json(json.loads(reply.body) | {"customer_token": token}))
    return respond(reply)


@router.post("/api/sessions/{session_id}/join", **WRITE)
async def join(request: Request, principal: Anybody, session_id: str) -> Response:
    """Be on the session's page; when both are, it is live."""
    if principal.kind == "mechanic":
        work = partial(sessions.join_as_mechanic, me=principal.mechanic, session_id=session_id)
    else:
        work = partial(sessions.join_as_customer, session_id=session_id)
    return respond(await carry_out(request, principal, work, changed(request)))


@router.post("/api/sessions/{session_id}/end", **WRITE)
async def end(request: Request, principal: Anybody, session_id: str, wish: ReasonRequest) -> Response:
    """End a session: completed when it ran long enough, else cancelled."""
    if principal.kind == "mechanic":
        work = partial(sessions.end_as_mechanic, me=principal.mechanic, session_id=session_id, reason=wish.reason)
    else:
        work = partial(sessions.end_as_customer, session_id=session_id, reason=wish.reason)
    return respond(await carry_out(request, principal, work, changed(request)))


@router.post("/api/sessions/{session_id}/cancel", **WRITE)
async def cancel(request: Request, principal: CustomersSide, session_id: str, wish: ReasonRequest) -> Response:
    """The customer no longer wants it."""
    work = partial(sessions.cancel, session_id=session_id, reason=wish.reason)
    return respond(await carry_out(request, principal, work, changed(request)))


@router.post("/api/sessions/{session_id}/rate", **WRITE)
async def rate(request: Request, principal: CustomersSide, session_id: str, wish: RateRequest) -> Response:
    """The customer's verdict on a completed session."""
    work = partial(completed.rate, session_id=session_id, rating=wish.rating, comment=wish.comment)
    return respond(await carry_out(request, principal, work, changed(request)))


@router.get("/api/sessions/{session_id}", response_model=SessionDetail)
async def detail(request: Request, principal: Anybody, session_id: str) -> Response:
    """One session with its events, summary and review."""
    backend = backend_of(request)
    found = await backend.store.read(details.detail, reader_of(request, principal), session_id, backend.shop)
    return json_response(found)


@router.get("/api/sessions/{session_id}/intake", response_model=Intake)
async def intake(request: Request, principal: Anybody, session_id: str) -> Response:
    """Every field as it was submitted."""
    found = await backend_of(request).store.read(details.intake, reader_of(request, principal), session_id)
    return json_response(found)


@router.get("/api/sessions/{session_id}/files/{file_id}", response_class=Response)
async def file(request: Request, principal: Anybody, session_id: str, file_id: str) -> Response:
    """One file of the intake, always as a download and never as what it claims to be."""
    store = backend_of(request).store
    name, content = await store.read(details.file, reader_of(request, principal), session_id, file_id)
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='', errors='replace')}",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(content, media_type="application/octet-stream", headers=headers)


@router.get("/api/sessions/{session_id}/files/{file_id}/thumb", response_class=Response)
async def thumb(request: Request, principal: Anybody, session_id: str, file_id: str) -> Response:
    """The small picture of a file that has one, as a binary portable pixmap."""
    found = await backend_of(request).store.read(details.thumb, reader_of(request, principal), session_id, file_id)
    headers = {"X-Content-Type-Options": "nosniff"}
    return Response(encode(*found), media_type="image/x-portable-pixmap", headers=headers)


def reader_of(request: Request, principal: Principal) -> details.Reader:
    """Who reads a session, at this moment."""
    mechanic = principal.mechanic if principal.kind == "mechanic" else None
    return details.Reader(mechanic, backend_of(request).store.now())
