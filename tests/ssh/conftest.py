from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.client.conftest import shop, user  # noqa: F401 - found by their names
from tests.ssh.support import Way, open_way


@pytest.fixture
async def way(tmp_path: Path) -> AsyncIterator[Way]:
    async with open_way(f"sqlite:///{tmp_path / 'shop.db'}", tmp_path) as opened:
        yield opened
