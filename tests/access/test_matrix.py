"""Every route by everybody about a session in every state: who is let in, and what the others are told."""

import itertools
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from mechtui.config import Rules
from mechtui.frames import FEED_PATH
from tests.access.matrix import EXPECTED, NOT_LET_IN, STATES, WHO, Crowd, gathered, routes
from tests.server.live import open_shop
from tests.server.support import database_url

CUSTOMERS_WORDS = ("Jo Doe", "It stalls.")


@pytest.fixture
async def crowd(tmp_path: Path) -> AsyncIterator[Crowd]:
    """In a shop in which each session that both joined counts as completed."""
    async with open_shop(database_url(tmp_path / "shop.db"), rules=Rules(completed_seconds=0)) as shop:
        yield await gathered(shop)


async def test_every_route_is_in_the_matrix(crowd: Crowd) -> None:
    openapi = (await crowd.shop.http.get("/openapi.json")).json()
    assert {f"{method} {path}" for method, path in routes(openapi)} == set(EXPECTED)


@pytest.mark.parametrize("route", EXPECTED)
async def test_who_is_let_in(crowd: Crowd, route: str) -> None:
    """Whoever is not is told nothing of the session, not even that there is one."""
    for state, expected in zip(STATES, EXPECTED[route], strict=True):
        case = await crowd.case(state)
        for who, status in zip(WHO, map(int, expected.split()), strict=True):
            answer = await case.ask(route, who)
            assert answer.status_code == status, f"{state}, {who}: {answer.text}"
            if status in {403, 404}:
                assert not any(words in answer.text for words in CUSTOMERS_WORDS)
            if status < 300 and route.startswith("POST"):
                await case.over()
                case = await crowd.case(state)
        await case.over()


@pytest.mark.parametrize("who", NOT_LET_IN)
async def test_without_a_good_token_there_is_nothing(crowd: Crowd, who: str) -> None:
    held = await crowd.case("held")
    for route in EXPECTED:
        answer = await held.ask(route, who)
        assert (answer.status_code, answer.json()["code"]) == (401, "SIGNED_OUT"), route


@pytest.mark.parametrize(("who", "status"), [*zip(NOT_LET_IN, itertools.repeat(401)), ("desk", 403), ("customer", 403)])
async def test_the_feed_is_for_mechanics(crowd: Crowd, who: str, status: int) -> None:
    token = (await crowd.case("held")).tokens[who]
    headers = {"Authorization": f"Bearer {token}"} if token is not None else {}
    with pytest.raises(InvalidStatus) as refused:
        async with connect(f"ws://127.0.0.1:{crowd.shop.backend_port}{FEED_PATH}", additional_headers=headers):
            pass
    assert refused.value.response.status_code == status


@pytest.mark.parametrize(("who", "sees"), [("holder", True), ("rival", False), ("former", False)])
async def test_what_a_mechanic_holds_is_in_nobody_elses_snapshot(crowd: Crowd, who: str, sees: bool) -> None:
    held = await crowd.case("held")
    for path in ("snapshot", "active-sessions", "completed-sessions"):
        answer = await crowd.shop.get(f"/api/mechanic/{path}", held.tokens[who])
        assert answer.status_code == 200
        assert (held.session_id in answer.text) == (sees and path != "completed-sessions"), path
