"""Fixtures of the backend's tests."""

from tests.server.conftest import floor, hand_clock, shop, slow_shop

__all__ = ["floor", "hand_clock", "shop", "slow_shop"]
