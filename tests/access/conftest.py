"""A running backend to knock at; on SQLite, where the engine makes no difference."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.server.live import Shop, open_shop
from tests.server.support import database_url


@pytest.fixture
def file(tmp_path: Path) -> str:
    """The address of a database that is a file."""
    return database_url(tmp_path / "shop.db")


@pytest.fixture
async def shop(file: str) -> AsyncIterator[Shop]:
    async with open_shop(file) as opened:
        yield opened
