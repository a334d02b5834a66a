"""Fixtures of the backend's tests."""

from collections.abc import AsyncIterator

import pytest

from tests.server.live import Shop, open_shop
from tests.server.support import HandClock, ShopFloor


@pytest.fixture
async def floor(database: str) -> AsyncIterator[ShopFloor]:
    shop = ShopFloor(database)
    yield shop
    await shop.close()


@pytest.fixture
async def shop(database: str) -> AsyncIterator[Shop]:
    async with open_shop(database) as opened:
        yield opened


@pytest.fixture
def hand_clock() -> HandClock:
    return HandClock()


@pytest.fixture
async def slow_shop(database: str, hand_clock: HandClock) -> AsyncIterator[Shop]:
    """A shop whose time moves by hand."""
    async with open_shop(database, clock=hand_clock) as opened:
        yield opened
