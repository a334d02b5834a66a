"""Routes of what follows a session: the mechanic's summary, and the report made of it."""

from functools import partial

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from mechtui.models import Changed, Problem, Report, SummaryRequest
from mechtui.server.db import completed, details
from mechtui.server.routes.customers import Anybody, reader_of
from mechtui.server.routes.mechanics import Mine
from mechtui.server.routes.wishes import KEY, backend_of, carry_out, changed, need_key, principal_of, respond
from mechtui.server.wire import json_response

router = APIRouter(responses={status: {"model": Problem} for status in (401, 403, 404, 409, 422)})


@router.post(
    "/api/sessions/{session_id}/summary",
    response_model=Changed,
    responses={status: {"model": Problem} for status in (400, 503)},
    dependencies=[Depends(need_key)],
    openapi_extra=KEY,
)
async def summary(request: Request, mine: Mine, session_id: str, wish: SummaryRequest) -> Response:
    """What was found and done in his completed session; once."""
    work = partial(completed.add_summary, me=mine, session_id=session_id, **wish.model_dump())
    return respond(await carry_out(request, principal_of(request, "mechanic"), work, changed(request)))


@router.get("/api/sessions/{session_id}/report", response_model=Report)
async def report(request: Request, principal: Anybody, session_id: str) -> Response:
    """All of a completed session that its customer takes home; for its mechanic, its customer and the desk."""
    backend = backend_of(request)
    reader = reader_of(request, principal)
    return json_response(await backend.store.read(details.report, reader, session_id, backend.shop))
