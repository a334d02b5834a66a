"""Routes that need no token: health."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from mechtui import __version__
from mechtui.models import API_VERSION, Health
from mechtui.server.routes.wishes import backend_of
from mechtui.server.wire import json_response

router = APIRouter()


@router.get("/api/health", response_model=Health)
async def health(request: Request) -> Response:
    """Whether the backend works, and which it is."""
    now = backend_of(request).store.now()
    return json_response({"status": "ok", "version": __version__, "api": API_VERSION, "server_now": now})
