"""Terminals whose clocks are wrong: what they show is by the backend's time."""

from datetime import UTC, datetime, timedelta

import pytest

from mechtui.changes import Departure
from mechtui.clock import Clock
from mechtui.freshness import Freshness
from mechtui.replica import Fresh
from mechtui.store import Store
from tests.dashboard.support import CAMRY, NOW, snapshot

WRONG = {
    "three hours behind": NOW - timedelta(hours=3),
    "three hours ahead": NOW + timedelta(hours=3),
    "1970": datetime(1970, 1, 1, tzinfo=UTC),
    "2038": datetime(2038, 1, 20, tzinfo=UTC),
}


def leaves_after(wall: datetime) -> int | None:
    """The seconds after which a request leaves a terminal with this wall clock, or nothing if it never does."""
    steady = [1000.0]
    store = Store(Clock(steady=lambda: steady[0], wall=lambda: wall))
    store.apply(snapshot(CAMRY))
    store.apply(Fresh(NOW, 100))
    for seconds in range(60):
        if store.tick().ids:
            assert store.leaving[CAMRY.id].why is Departure.EXPIRED
            return seconds
        steady[0] += 1
    return None


TRUE_SECONDS = round((CAMRY.expires_at - NOW).total_seconds())


@pytest.mark.parametrize("wall", WRONG.values(), ids=WRONG)
def test_a_request_leaves_when_the_backend_says(wall: datetime) -> None:
    assert leaves_after(wall) == TRUE_SECONDS


@pytest.mark.planted
@pytest.mark.parametrize("wall", WRONG.values(), ids=WRONG)
def test_a_terminal_that_trusts_its_own_clock_is_found(wall: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Freshness, "now", property(lambda self: self.clock.wall()))
    assert leaves_after(wall) != TRUE_SECONDS
