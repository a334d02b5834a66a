"""The route of the mechanic's own figures."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from mechtui.figures import Stats
from mechtui.models import Problem
from mechtui.server.clock import stamp
from mechtui.server.db import stats as figures
from mechtui.server.routes.mechanics import Mine, Moment
from mechtui.server.routes.wishes import backend_of
from mechtui.server.wire import json_response

router = APIRouter(responses={status: {"model": Problem} for status in (401, 403, 422)})
_EVER = datetime(1970, 1, 1, tzinfo=UTC)


@router.get("/api/mechanic/stats", response_model=Stats)
async def stats(
    request: Request,
    mine: Mine,
    since: Annotated[Moment, Query(alias="from")] = _EVER,
    until: Annotated[Moment | None, Query(alias="to")] = None,
) -> Response:
    """What became of his sessions requested in [from, to); to now where no end is given."""
    store = backend_of(request).store
    end = stamp(until) if until else store.now()
    return json_response(await store.read(figures.stats, mine.id, stamp(since), end))
