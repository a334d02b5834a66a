"""Fixtures of the backend's tests."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.server.live import Shop, open_shop
from tests.server.support import HandClock, ShopFloor


@pytest.fixture
async def floor(tmp_path: Path) -> AsyncIterator[ShopFloor]:
    shop = ShopFloor(tmp_path / "shop.db")
    yield shop
    await shop.close()


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with open_shop(tmp_path / "shop.db") as opened:
        yield opened


@pytest.fixture
def hand_clock() -> HandClock:
    return HandClock()


@pytest.fixture
async def slow_shop(tmp_path: Path, hand_clock: HandClock) -> AsyncIterator[Shop]:
    """A shop whose time moves by hand."""
    async with open_shop(tmp_path / "shop.db", clock=hand_clock) as opened:
        yield opened
