"""What is to happen once, later, happens also where the machine is busy just as its time begins."""

import sys
from collections import Counter
from typing import Any

import pytest
from textual import _time

from tests.dashboard.support import OPEN, Shop

HOUR = 3600.0


@pytest.mark.parametrize("of", ["app", "screen"])
async def test_a_timer_goes_off_late_rather_than_never(of: str, monkeypatch: pytest.MonkeyPatch) -> None:
    real, asked, rang = _time.get_time, Counter[str](), list[str]()

    def busy() -> float:
        """For this timer an hour goes by each time that it looks."""
        timer: Any = sys._getframe(1).f_locals.get("self")
        if getattr(timer, "name", None) != "late":
            return real()
        asked["late"] += 1
        return real() + asked["late"] * HOUR

    monkeypatch.setattr(_time, "get_time", busy)
    shop = Shop(*OPEN)
    async with shop.app.run_test(size=(80, 24)) as pilot:
        await shop.ready(pilot)
        pump = shop.app if of == "app" else shop.app.screen
        pump.set_timer(0.01, lambda: rang.append(of), name="late")
        await shop.until(pilot, lambda: rang == [of])
    assert asked["late"] > 1
