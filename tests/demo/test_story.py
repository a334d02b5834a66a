"""The story is true whoever wins the race, and it does not claim what did not happen."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from mechtui.api_client import DeskClient, MechanicClient
from mechtui.models import Accepted, Changed, Status
from mechtui.server.demo import client_settings, stage
from mechtui.server.demo.shopfront import OpenShop, Order, open_shop
from mechtui.server.demo.stage import NotSeenError, Stage, dashboard
from mechtui.server.demo.story import Story

LONGEST_STORY = 90.0

pytestmark = pytest.mark.xdist_group("demo processes")


class HesitatingMechanic(MechanicClient):
    """A moment too late the first time: tries only once the request has been taken."""

    hesitates = True

    async def accept(self, session_id: str) -> Accepted:
        while self.hesitates:
            self.hesitates = any(session.id == session_id for session in (await self.incoming()).items)
        return await super().accept(session_id)


class SilentDesk(DeskClient):
    """Says that the customer has joined, but does nothing."""

    async def join(self, session_id: str) -> Changed:
        return Changed(session=(await self.session(session_id)).session)


@dataclass
class Cast:
    """An open shop and a dashboard in it."""

    shop: OpenShop
    stage: Stage


@pytest.fixture
async def cast() -> AsyncIterator[Cast]:
    with open_shop(Order(seed=1, speed=1.0, keep=None, people=False)) as shop:
        async with dashboard(client_settings(shop)) as stage:
            yield Cast(shop, stage)


async def test_dana_may_win_the_race_and_is_beaten_another_time(cast: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    async with (
        DeskClient(cast.shop.server, cast.shop.desk) as desk,
        HesitatingMechanic(cast.shop.server, cast.shop.sam) as sam,
    ):
        async with asyncio.timeout(LONGEST_STORY):
            await Story(cast.stage, desk, sam).play()
        left = (await sam.incoming()).total, (await sam.active()).total
    told = capsys.readouterr().out
    assert "Dana has won, and Sam was told so" in told
    assert "Sam is faster this time, and Dana is told" in told
    assert left == (0, 1)


async def test_it_stops_at_the_step_that_does_not_hold(
    cast: Cast, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stage, "PATIENCE_SECONDS", 6.0)
    async with (
        SilentDesk(cast.shop.server, cast.shop.desk) as desk,
        MechanicClient(cast.shop.server, cast.shop.sam) as sam,
        MechanicClient(cast.shop.server, cast.shop.dana) as dana,
    ):
        story = Story(cast.stage, desk, sam)
        with pytest.raises(NotSeenError) as failure:
            async with asyncio.timeout(LONGEST_STORY):
                await story.play()
        story.give_up(failure.value)
        (held,) = (await dana.active()).items
    assert held.status == Status.WAITING
    told = capsys.readouterr().out
    assert "NOT OK" in told
    assert (
        f"NOT OK {story.steps:2}  the customer joins: live: waited 6 s for the cursor to be on the row of 'LIVE'"
        in told
    )
    assert "the customer rates it" not in told
