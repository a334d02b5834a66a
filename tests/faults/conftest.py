"""Fixtures of the backend's tests that those of faults need, too; on SQLite, where the engine makes no difference."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.server.live import Shop, open_shop
from tests.server.support import database_url


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    """A running backend in this process."""
    async with open_shop(database_url(tmp_path / "shop.db")) as opened:
        yield opened
