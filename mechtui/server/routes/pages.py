"""The page behind a session's address, for a backend that stands in for the shop's web site."""

from collections.abc import Callable

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from mechtui.models import SessionType
from mechtui.server.db.rows import read_session, vehicle_label
from mechtui.server.refusal import not_found
from mechtui.server.routes.wishes import backend_of

Draw = Callable[[str, str, dict[str, str]], str]
"""From type, id and facts of a session to the page's HTML."""

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "Referrer-Policy": "no-referrer",
}


def router(draw: Draw) -> APIRouter:
    """The route `/{type}/{id}`. A session's page is under its own type only."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/{session_type}/{session_id}", response_class=HTMLResponse)
    async def page(request: Request, session_type: SessionType, session_id: str) -> Response:
        row = await backend_of(request).store.look(read_session, session_id)
        if row is None or row.type != session_type:
            raise not_found()
        facts = {
            "status": row.status,
            "customer": row.customer_name,
            "vehicle": vehicle_label(row.year, row.make, row.model),
            "mechanic": row.mechanic_name or "",
        }
        return HTMLResponse(draw(session_type, session_id, facts), headers=_HEADERS)

    return routes
