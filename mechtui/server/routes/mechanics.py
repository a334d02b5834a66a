"""The mechanic's routes: lists, the queue, his session."""

from datetime import UTC, datetime
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from pydantic import AfterValidator, AwareDatetime, BeforeValidator

from mechtui.fit import Profile
from mechtui.frames import Snapshot
from mechtui.models import (
    Accepted,
    AcceptRequest,
    HistoryRow,
    Me,
    Page,
    Problem,
    ReasonRequest,
    Session,
    SessionType,
    Status,
)
from mechtui.search.days import Today
from mechtui.search.syntax import SENT, parse
from mechtui.server.clock import stamp
from mechtui.server.db import attempts, lists, sessions
from mechtui.server.db import profile as profiles
from mechtui.server.db.accepts import Accept
from mechtui.server.db.rows import SessionRow, holder_view
from mechtui.server.db.sessions import Mechanic
from mechtui.server.feed import new_viewer
from mechtui.server.routes.wishes import WRITE, backend_of, carry_out, changed, principal_of, respond
from mechtui.server.viewers import NoLine
from mechtui.server.wire import json_response, to_json

router = APIRouter(responses={status: {"model": Problem} for status in (401, 403, 422)})


async def the_mechanic(request: Request) -> Mechanic:
    """The mechanic who asks."""
    return principal_of(request, "mechanic").mechanic


Mine = Annotated[Mechanic, Depends(the_mechanic)]


def _written_out(told: object) -> object:
    """Refuse a bare number, which pydantic takes for a count of seconds or, when it is large, of milliseconds."""
    try:
        float(str(told))
    except ValueError:
        return told
    raise ValueError("a moment is written like 2026-01-31T12:00:00Z")


def _in_utc(told: datetime) -> datetime:
    """Refuse one whose year is none there is, once it is in UTC."""
    try:
        return told.astimezone(UTC)
    except OverflowError:
        raise ValueError("there is no such moment in UTC") from None


Moment = Annotated[AwareDatetime, BeforeValidator(_written_out), AfterValidator(_in_utc)]
"""A moment that somebody asks about; with its offset, since he and the backend may be in different zones."""


async def wanted_rows(
    request: Request,
    q: Annotated[str, Query(max_length=SENT.characters)] = "",
    session_type: Annotated[SessionType | None, Query(alias="type")] = None,
    status: Status | None = None,
    since: Annotated[Moment | None, Query(alias="from")] = None,
    until: Annotated[Moment | None, Query(alias="to")] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    cursor: Annotated[str | None, Query(max_length=500)] = None,
    back: bool = False,
    at: Moment | None = None,
) -> lists.Wanted:
    """The page and the filters asked for."""
    return lists.Wanted(
        q=parse(q, Today(datetime.fromisoformat(backend_of(request).store.now()), UTC), SENT).tree,
        type=session_type,
        status=status,
        since=stamp(since) if since else None,
        until=stamp(until) if until else None,
        limit=limit,
        cursor=cursor,
        back=back,
        at=stamp(at) if at else None,
    )


Wanted = Annotated[lists.Wanted, Depends(wanted_rows)]


async def _page(request: Request, listing: lists.Listing, mine: Mechanic, wanted: lists.Wanted) -> Response:
    backend = backend_of(request)
    return json_response(await backend.store.read(lists.page, listing, mine, wanted, backend.store.now(), backend.shop))


@router.get("/api/mechanic/me", response_model=Me)
async def me(request: Request, mine: Mine) -> Response:
    """Who this token belongs to, and his counts."""
    backend = backend_of(request)
    viewer = await new_viewer(backend.store, backend.hub, mine, NoLine())
    counts, seq = backend.hub.counts(viewer), backend.hub.seq
    now = backend.store.now()
    told = {"id": mine.id, "name": mine.name, "types": mine.types, "availability": viewer.availability}
    return json_response(told | {"counts": counts, "seq": seq, "server_now": now})


@router.get("/api/mechanic/profile", response_model=Profile)
async def profile(request: Request, mine: Mine) -> Response:
    """What he has completed, by type and make."""
    return json_response(await backend_of(request).store.read(profiles.profile, mine.id))


@router.get("/api/mechanics/requests", response_model=Page[Session])
async def requests(request: Request, mine: Mine, wanted: Wanted) -> Response:
    """Open requests he may accept: urgent first, then oldest first."""
    return await _page(request, lists.INCOMING, mine, wanted)


@router.get("/api/mechanic/active-sessions", response_model=Page[Session])
async def active_sessions(request: Request, mine: Mine, wanted: Wanted) -> Response:
    """His sessions that have not ended."""
    return await _page(request, lists.ACTIVE, mine, wanted)


@router.get("/api/mechanic/completed-sessions", response_model=Page[Session])
async def completed_sessions(request: Request, mine: Mine, wanted: Wanted) -> Response:
    """His completed sessions, the latest end first."""
    return await _page(request, lists.COMPLETED, mine, wanted)


@router.get("/api/mechanic/all-history", response_model=Page[HistoryRow])
async def all_history(request: Request, mine: Mine, wanted: Wanted) -> Response:
    """Every request he had a hand in, the latest first."""
    return await _page(request, lists.HISTORY, mine, wanted)


@router.get("/api/mechanic/snapshot", response_model=Snapshot)
async def snapshot(request: Request, mine: Mine) -> Response:
    """The feed's snapshot, for a terminal whose websocket does not get through."""
    backend = backend_of(request)
    viewer = await new_viewer(backend.store, backend.hub, mine, NoLine())
    return json_response(backend.hub.snapshot(viewer))


@router.post("/api/mechanic/accept", **WRITE | {"response_model": Accepted})
async def accept(request: Request, mine: Mine, wish: AcceptRequest) -> Response:
    """Accept an open request; exactly one mechanic can."""
    shop = backend_of(request).shop

    def encode(row: SessionRow) -> str:
        return to_json({"sessionId": row.id, "session": holder_view(row, shop)})

    work = Accept(mine, wish.requestId)
    lost = partial(attempts.note, me=mine, session_id=wish.requestId)
    return respond(await carry_out(request, principal_of(request, "mechanic"), work, encode, refused=lost))


@router.post("/api/sessions/{session_id}/release", **WRITE)
async def release(request: Request, mine: Mine, session_id: str, wish: ReasonRequest) -> Response:
    """Give a request back to the queue, at its old place."""
    work = partial(sessions.release, me=mine, session_id=session_id, reason=wish.reason)
    return respond(await carry_out(request, principal_of(request, "mechanic"), work, changed(request)))
