"""Who may do what: every route, asked by everybody there is, about a session in every state."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx

from mechtui.server import accounts
from mechtui.server.accounts import NewAccount
from tests.server.live import Shop

WHO = ("holder", "rival", "former", "desk", "customer", "stranger")
"""Whoever has a good token: who has the session or is about to, a mechanic who never had it, one who gave it back, the
desk, its customer, the customer of another one."""
NOT_LET_IN = ("nobody", "wrong", "revoked")
STATES = ("open", "held", "ended")
_DOT = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC"
PHOTO = {"name": "dash.png", "mime": "image/png", "data": _DOT}

BODIES: dict[str, dict[str, Any]] = {
    "POST /api/intakes": {"type": "chat", "name": "Jo", "concern": "It stalls."},
    "POST /api/mechanic/availability": {"availability": "on"},
    "POST /api/sessions/{session_id}/rate": {"rating": 5},
    "POST /api/sessions/{session_id}/extend": {"minutes": 10},
    "POST /api/sessions/{session_id}/summary": {"findings": "a", "steps_taken": "b", "next_steps": "c"},
}
"""What is sent where an empty body would not be understood; what names somebody or something is added."""


@dataclass
class Crowd:
    """Everybody with a token, and one colleague."""

    shop: Shop
    colleague: NewAccount
    tokens: dict[str, str | None]

    async def case(self, state: str) -> "Case":
        """A session that one mechanic gave back, and that is now in this state."""
        shop, (holder, former) = self.shop, (self.tokens["holder"], self.tokens["former"])
        session_id = await shop.submit(files=[PHOTO])
        file_id = (await shop.get(f"/api/sessions/{session_id}/intake")).json()["files"][0]["id"]
        await shop.accept(session_id, former)
        await shop.act(session_id, "release", former)
        if state != "open":
            await shop.accept(session_id, holder)
        if state == "ended":
            await shop.act(session_id, "join")
            await shop.act(session_id, "join", holder)
            await shop.act(session_id, "end", holder)
        return Case(self, session_id, file_id, self.tokens | {"customer": shop.customers[session_id]})


@dataclass
class Case:
    """One session in some state, and everybody's token."""

    crowd: Crowd
    session_id: str
    file_id: str
    tokens: dict[str, str | None]

    async def ask(self, route: str, who: str) -> httpx.Response:
        """One call of a route, by somebody."""
        method, path = route.split()
        body = BODIES.get(route, {})
        if path.endswith("/accept"):
            body = {"requestId": self.session_id}
        if path.endswith("/offer"):
            body = {"to": self.crowd.colleague.id}
        address = path.format(session_id=self.session_id, file_id=self.file_id)
        bare = method == "GET" or path.rpartition("/")[2] in {"join", "unpass", "withdraw", "take"}
        return await self.crowd.shop.call(method, address, self.tokens[who], None if bare else body)

    async def over(self) -> None:
        """Free whoever has the session, so that he can have the next."""
        for verb in ("cancel", "end"):
            await self.crowd.shop.act(self.session_id, verb, self.crowd.shop.desk.token)


async def gathered(shop: Shop) -> Crowd:
    """Everybody there is."""
    names = ("holder", "rival", "former", "revoked", "colleague")
    crew = {name: accounts.add_mechanic(shop.database, name) for name in names}
    accounts.revoke_mechanic(shop.database, crew["revoked"].id)
    tokens: dict[str, str | None] = {name: account.token for name, account in crew.items()}
    tokens |= {"desk": shop.desk.token, "stranger": shop.customers[await shop.submit()], "wrong": "x"}
    return Crowd(shop, crew["colleague"], tokens | dict.fromkeys(("nobody",)))


def routes(openapi: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Every route a token is needed for."""
    for path, methods in openapi["paths"].items():
        yield from ((method.upper(), path) for method in methods if path != "/api/health")


_MECHANICS = ("200 200 200 403 403 403",) * 3
_ITS_HOLDERS = ("409 409 409 403 403 403", "200 404 404 403 403 403", "410 404 404 403 403 403")
_ITS_READERS = ("200 200 200 200 200 404", "200 404 404 200 200 404", "200 404 404 200 200 404")

EXPECTED: dict[str, tuple[str, str, str]] = {
    "GET /api/mechanic/me": _MECHANICS,
    "GET /api/mechanic/profile": _MECHANICS,
    "GET /api/mechanic/stats": _MECHANICS,
    "GET /api/mechanic/colleagues": _MECHANICS,
    "GET /api/mechanic/snapshot": _MECHANICS,
    "GET /api/mechanic/active-sessions": _MECHANICS,
    "GET /api/mechanic/completed-sessions": _MECHANICS,
    "GET /api/mechanic/all-history": _MECHANICS,
    "GET /api/mechanics/requests": _MECHANICS,
    "POST /api/mechanic/availability": _MECHANICS,
    "POST /api/mechanic/accept": ("200 200 200 403 403 403", "200 409 409 403 403 403", "410 410 410 403 403 403"),
    "POST /api/sessions/{session_id}/pass": (
        "200 200 200 403 403 403", "409 409 409 403 403 403", "410 410 410 403 403 403"),
    "POST /api/sessions/{session_id}/unpass": (
        "200 200 200 403 403 403", "409 409 409 403 403 403", "410 410 410 403 403 403"),
    "POST /api/sessions/{session_id}/release": _ITS_HOLDERS,
    "POST /api/sessions/{session_id}/offer": _ITS_HOLDERS,
    "POST /api/sessions/{session_id}/withdraw": _ITS_HOLDERS,
    "POST /api/sessions/{session_id}/extend": (
        "409 409 409 403 403 403", "409 404 404 403 403 403", "410 404 404 403 403 403"),
    "POST /api/sessions/{session_id}/summary": (
        "409 409 409 403 403 403", "409 404 404 403 403 403", "200 404 404 403 403 403"),
    "POST /api/sessions/{session_id}/take": (
        "404 404 404 403 403 403", "200 404 404 403 403 403", "404 404 404 403 403 403"),
    "POST /api/sessions/{session_id}/decline": ("404 404 404 403 403 403",) * 3,
    "POST /api/sessions/{session_id}/join": (
        "409 409 409 409 409 404", "200 404 404 200 200 404", "410 404 404 410 410 404"),
    "POST /api/sessions/{session_id}/end": (
        "409 409 409 409 409 404", "200 404 404 200 200 404", "200 404 404 200 200 404"),
    "POST /api/sessions/{session_id}/cancel": (
        "403 403 403 200 200 404", "403 403 403 200 200 404", "403 403 403 410 410 404"),
    "POST /api/sessions/{session_id}/rate": (
        "403 403 403 409 409 404", "403 403 403 409 409 404", "403 403 403 200 200 404"),
    "GET /api/sessions/{session_id}": _ITS_READERS,
    "GET /api/sessions/{session_id}/intake": _ITS_READERS,
    "GET /api/sessions/{session_id}/files/{file_id}": _ITS_READERS,
    "GET /api/sessions/{session_id}/files/{file_id}/thumb": _ITS_READERS,
    "GET /api/sessions/{session_id}/earlier": (
        "200 200 200 403 403 403", "200 404 404 403 403 403", "200 404 404 403 403 403"),
    "GET /api/sessions/{session_id}/report": (
        "404 404 404 409 409 404", "409 404 404 409 409 404", "200 404 404 200 200 404"),
    "POST /api/intakes": ("403 403 403 201 403 403",) * 3,
}  # fmt: skip
"""Of each route, for each of `STATES` the answers to each of `WHO`. A route that is not here fails the tests."""
