"""Whether a mechanic is there, and which colleagues he has."""

from functools import partial

from fastapi import APIRouter, Request
from fastapi.responses import Response

from mechtui.models import AvailabilityRequest, Available, Colleagues, Problem
from mechtui.server.db import mechanics
from mechtui.server.routes.mechanics import Mine
from mechtui.server.routes.wishes import WRITE, backend_of, carry_out, principal_of, respond
from mechtui.server.wire import json_response, to_json

router = APIRouter(responses={status: {"model": Problem} for status in (401, 403, 422)})


def _available(availability: str) -> str:
    return to_json({"availability": availability})


@router.post("/api/mechanic/availability", **WRITE | {"response_model": Available})
async def set_availability(request: Request, mine: Mine, wish: AvailabilityRequest) -> Response:
    """Say whether he is there; all his terminals are told at once."""
    work = partial(mechanics.set_availability, me=mine, availability=str(wish.availability))
    reply = await carry_out(request, principal_of(request, "mechanic"), work, _available)
    backend = backend_of(request)
    backend.hub.tell_availability(mine.id, await backend.store.look(mechanics.availability_of, mine.id))
    return respond(reply)


@router.get("/api/mechanic/colleagues", response_model=Colleagues)
async def colleagues(request: Request, mine: Mine) -> Response:
    """The other mechanics, and whether one of them could take something over."""
    backend = backend_of(request)
    found = await backend.store.read(mechanics.colleagues, mine.id)
    here = {viewer.mechanic.id for viewer in backend.hub.viewers}
    return json_response({"items": [item | {"here": item["id"] in here} for item in found]})
