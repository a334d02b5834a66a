"""The route to what was before: for mechanics only, since it tells of sessions of others."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from mechtui.earlier import EarlierPage
from mechtui.models import Problem
from mechtui.server.db import earlier as reading
from mechtui.server.db.details import Reader
from mechtui.server.routes.mechanics import Mine
from mechtui.server.routes.wishes import backend_of
from mechtui.server.wire import json_response

_KNOWN: dict[int | str, dict[str, Any]] = {status: {"model": Problem} for status in (401, 403, 404, 422)}

router = APIRouter(responses=_KNOWN)


@router.get("/api/sessions/{session_id}/earlier", response_model=EarlierPage)
async def earlier(
    request: Request,
    mine: Mine,
    session_id: str,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    cursor: Annotated[str | None, Query(max_length=500)] = None,
) -> Response:
    """Ended sessions of the same vehicle or customer, the latest first."""
    store = backend_of(request).store
    reader = Reader(mine, store.now())
    return json_response(await store.read(reading.earlier, reader, session_id, limit, cursor))
