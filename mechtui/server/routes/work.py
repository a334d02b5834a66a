"""Routes of what follows a session: the mechanic's summary, and the report made of it."""

from functools import partial

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from mechtui.models import Changed, Problem, SummaryRequest
from mechtui.server.db import sessions
from mechtui.server.routes.mechanics import Mine
from mechtui.server.routes.wishes import carry_out, changed, need_key, principal_of, respond

router = APIRouter(responses={status: {"model": Problem} for status in (401, 403, 404, 409, 422)})


@router.post(
    "/api/sessions/{session_id}/summary",
    response_model=Changed,
    responses={status: {"model": Problem} for status in (400, 503)},
    dependencies=[Depends(need_key)],
)
async def summary(request: Request, mine: Mine, session_id: str, wish: SummaryRequest) -> Response:
    """What was found and done in his completed session; once."""
    work = partial(sessions.add_summary, me=mine, session_id=session_id, **wish.model_dump())
    return respond(await carry_out(request, principal_of(request, "mechanic"), work, changed(request)))
