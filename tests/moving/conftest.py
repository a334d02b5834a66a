"""The old shop, and what is read of it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from mechtui.server.legacy.source import source_of
from mechtui.server.legacy.tables import Old, load
from tests.moving.shop import OldShop, write

Reading = Callable[[OldShop], Old]


@pytest.fixture
def read(tmp_path: Path) -> Reading:
    """Export a shop and read it back."""
    return lambda shop: load(source_of(str(write(shop.tables, tmp_path / "old"))))
