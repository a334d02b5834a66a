"""Routes that need no token: health."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from mechtui import __version__
from mechtui.models import API_VERSION, Health
from mechtui.server.routes.wishes import backend_of
from mechtui.server.wire import json_response

router = APIRouter()


@router.get("/api/health", response_model=Health)
async def health(request: Request) -> Response:
    """Whether the backend works, and which it is. Whoever sends requests to it may do so while it answers 200."""
    backend = backend_of(request)
    why = await backend.why_not_serving()
    told: dict[str, Any] = {
        "status": "not ready" if why else "ok",
        "why": why,
        "version": __version__,
        "api": API_VERSION,
    }
    told |= backend.hub.audit or dict.fromkeys(("lost", "of"))
    return json_response(told | {"server_now": backend.store.now()}, 503 if why else 200)
