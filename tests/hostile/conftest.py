"""One filled database for all tests here: each opens a shop on its own copy."""

import asyncio

import pytest

from tests.hostile.shop import Seeded, seed


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Seeded:
    return asyncio.run(seed(tmp_path_factory.mktemp("hostile") / "shop.db"))
