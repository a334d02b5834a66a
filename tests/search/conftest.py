"""Shops to search in, on either engine."""

from collections.abc import Iterator
from contextlib import ExitStack
from functools import cache
from tempfile import TemporaryDirectory

import pytest

from tests.engines import KINDS
from tests.search.shop import SearchedShop, ShopOf, made_shop


@pytest.fixture(scope="session", params=KINDS)
def shop_of(request: pytest.FixtureRequest) -> Iterator[ShopOf]:
    """The shop of a seed, made once."""
    postgres = request.getfixturevalue("postgres") if request.param == "postgres" else None
    with ExitStack() as stack:

        @cache
        def shop(seed: int) -> SearchedShop:
            if postgres is not None:
                made = made_shop(stack.enter_context(postgres.database()), seed)
            else:
                made = made_shop(f"sqlite:///{stack.enter_context(TemporaryDirectory())}/search.db", seed)
            stack.callback(made.connection.close)
            return made

        yield shop
