"""What a mechanic does with a request or a session besides taking and ending it."""

from functools import partial

from fastapi import APIRouter, Request
from fastapi.responses import Response

from mechtui.models import ExtendRequest, Problem, ReasonRequest
from mechtui.server.db import triage
from mechtui.server.db.rows import SessionRow, open_view
from mechtui.server.routes.mechanics import Mine
from mechtui.server.routes.wishes import WRITE, carry_out, changed, principal_of, respond
from mechtui.server.wire import to_json


def _passed(row: SessionRow) -> str:
    return to_json({"session": open_view(row) | {"passed": True}})


router = APIRouter(responses={status: {"model": Problem} for status in (401, 403, 422)})


@router.post("/api/sessions/{session_id}/pass", **WRITE)
async def pass_on(request: Request, mine: Mine, session_id: str, wish: ReasonRequest) -> Response:
    """Take a request out of his own queue; for the others it goes on."""
    work = partial(triage.pass_on, me=mine, session_id=session_id, reason=wish.reason)
    return respond(await carry_out(request, principal_of(request, "mechanic"), work, _passed))


@router.post("/api/sessions/{session_id}/unpass", **WRITE)
async def undo_pass(request: Request, mine: Mine, session_id: str) -> Response:
    """Put a request he passed on back into his queue."""
    work = partial(triage.undo_pass, me=mine, session_id=session_id)
    return respond(await carry_out(request, principal_of(request, "mechanic"), work, changed(request)))


@router.post("/api/sessions/{session_id}/extend", **WRITE)
async def extend(request: Request, mine: Mine, session_id: str, wish: ExtendRequest) -> Response:
    """Add minutes, at the price of those booked, that the customer has agreed to."""
    work = partial(triage.extend, me=mine, session_id=session_id, minutes=wish.minutes)
    return respond(await carry_out(request, principal_of(request, "mechanic"), work, changed(request)))
