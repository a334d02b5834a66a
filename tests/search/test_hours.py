"""Hours of the day: what is typed by the clock on the wall finds the same sessions wherever it is read."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mechtui.search.days import Today
from mechtui.search.predicate import Viewer, predicate_of
from mechtui.search.render import render
from mechtui.search.syntax import SENT, parse
from tests.dashboard.support import CAMRY

NOW = datetime(2026, 11, 24, 18, 42, tzinfo=UTC)
VIEWER = Viewer("", lambda: NOW)


def meets(text: str, ahead: int, at: datetime) -> bool:
    """Whether a session requested at a moment is found by somebody whose clock is so many minutes ahead of UTC."""
    today = Today(NOW, timezone(timedelta(minutes=ahead)))
    return predicate_of(parse(text, today).tree, VIEWER)(CAMRY.model_copy(update={"created_at": at}))


@given(first=st.integers(0, 23), last=st.integers(0, 23), ahead=st.integers(-1400, 1400), minute=st.integers(0, 1439))
def test_hours_are_those_of_the_clock_on_the_wall(first: int, last: int, ahead: int, minute: int) -> None:
    at = datetime(2026, 11, 20, tzinfo=timezone(timedelta(minutes=ahead))) + timedelta(minutes=minute)
    hour = minute // 60
    within = first <= hour <= last if first <= last else hour >= first or hour <= last
    assert meets(f"hour:{first}..{last}", ahead, at.astimezone(UTC)) == within
    for operator, right in {"<": hour < first, "<=": hour <= first, ">": hour > first, ">=": hour >= first}.items():
        assert meets(f"hour:{operator}{first}", ahead, at) == right
    assert meets(f"hour:{first}", ahead, at) == (hour == first)


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("hour:8", "hour:16:00Z..16:59Z"),
        ("hour:8:30", "hour:16:30Z..16:30Z"),
        ("hour:15..17", "hour:>=23:00Z or hour:<02:00Z"),
        ("hour:>=16", "hour:<08:00Z"),
        ("hour:..7", "hour:08:00Z..15:59Z"),
        ("hour:0..23", "hour:>=00:00Z"),
        ("hour:>23", "hour:<00:00Z"),
    ],
)
def test_what_is_sent_is_by_utc_and_read_as_the_same(typed: str, sent: str) -> None:
    tree = parse(typed, Today(NOW, timezone(timedelta(hours=-8)))).tree
    assert render(tree) == sent
    assert parse(sent, Today(NOW, timezone(timedelta(hours=9))), SENT).tree == tree


@pytest.mark.parametrize("text", ["hour:24", "hour:8:60", "hour:8Z", "hour:8..14:30Z", "hour:x", "hour:8*"])
def test_what_is_no_hour_is_named(text: str) -> None:
    assert parse(text, Today(NOW, UTC)).problems
