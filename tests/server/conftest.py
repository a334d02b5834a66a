"""Fixtures of the backend's tests."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.server.support import ShopFloor


@pytest.fixture
async def floor(tmp_path: Path) -> AsyncIterator[ShopFloor]:
    shop = ShopFloor(tmp_path / "shop.db")
    yield shop
    await shop.store.close()
