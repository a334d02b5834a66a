"""Handing a session over: offered by its holder, taken or declined by the colleague."""

from functools import partial

from fastapi import APIRouter, Request
from fastapi.responses import Response

from mechtui.models import OfferRequest, Problem, ReasonRequest
from mechtui.server.db import handover
from mechtui.server.db.rows import SessionRow, open_view
from mechtui.server.routes.mechanics import Mine
from mechtui.server.routes.wishes import WRITE, carry_out, changed, principal_of, respond
from mechtui.server.wire import to_json

router = APIRouter(responses={status: {"model": Problem} for status in (401, 403, 422)})


def _declined(row: SessionRow) -> str:
    return to_json({"session": open_view(row)})


@router.post("/api/sessions/{session_id}/offer", **WRITE)
async def offer(request: Request, mine: Mine, session_id: str, wish: OfferRequest) -> Response:
    """Offer his session to a colleague; it stays his until that one takes it."""
    work = partial(handover.offer, me=mine, session_id=session_id, to=wish.to, note=wish.note)
    return respond(await carry_out(request, principal_of(request, "mechanic"), work, changed(request)))


@router.post("/api/sessions/{session_id}/withdraw", **WRITE)
async def withdraw(request: Request, mine: Mine, session_id: str) -> Response:
    """Take his offer back."""
    work = partial(handover.withdraw, me=mine, session_id=session_id)
    return respond(await carry_out(request, principal_of(request, "mechanic"), work, changed(request)))


@router.post("/api/sessions/{session_id}/decline", **WRITE)
async def decline(request: Request, mine: Mine, session_id: str, wish: ReasonRequest) -> Response:
    """Say no to what a colleague offers him."""
    work = partial(handover.decline, me=mine, session_id=session_id, reason=wish.reason)
    return respond(await carry_out(request, principal_of(request, "mechanic"), work, _declined))


@router.post("/api/sessions/{session_id}/take", **WRITE)
async def take(request: Request, mine: Mine, session_id: str) -> Response:
    """Take what a colleague offers him."""
    work = partial(handover.take, me=mine, session_id=session_id)
    return respond(await carry_out(request, principal_of(request, "mechanic"), work, changed(request)))
