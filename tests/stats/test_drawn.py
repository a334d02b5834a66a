"""Figures by day and hour, drawn, and what each mark leads to."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from mechtui.api_errors import Unreachable
from mechtui.charts import bar, shade, sparkline
from mechtui.figures import Slot, Stats, Sum
from mechtui.search.days import Today
from mechtui.search.syntax import parse
from mechtui.stats import Span, by_day, by_hour, named_span, read_span
from mechtui.stats_lines import marks
from tests.dashboard.support import NOW, OPEN, SERVER, Shop, stats_of

TODAY = date(2026, 1, 22)


def stats_at(*moments: datetime) -> Stats:
    one = Sum(sessions=1, price_cents=100, share_cents=70)
    slots = tuple(Slot(at=at, sum=one) for at in moments)
    return Stats(since=NOW, until=NOW, total=Sum(sessions=len(slots), price_cents=0, share_cents=0), slots=slots)


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(1, 40), st.booleans())
def test_a_bar_is_exactly_as_wide_as_asked_and_never_hides_a_little(
    value: int, most: int, width: int, plain: bool
) -> None:
    drawn = bar(value, most, width, plain=plain)
    assert cell_len(drawn) == width
    assert (drawn.strip() != "") == (value > 0 and most > 0)
    assert drawn.isascii() or not plain


def test_the_greatest_is_full_and_zero_is_empty() -> None:
    assert bar(8, 8, 4) == "━━━━"
    assert bar(5, 8, 4) == "━━╸ "
    assert sparkline([0, 1, 8]) == " ▁█"
    assert [shade(n, 4) for n in (0, 1, 4)] == ["·", "░", "█"]


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("today", Span(TODAY, TODAY, "today")),
        ("week", Span(date(2026, 1, 16), TODAY, "week")),
        ("2026-01-01..2026-01-02", Span(date(2026, 1, 1), date(2026, 1, 2))),
        ("2026-01-02..2026-01-01", None),
        ("2026-02-30..2026-03-01", None),
        ("0001-01-01..9999-12-31", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_a_span_is_read_or_refused(text: str, span: Span | None) -> None:
    assert read_span(text, TODAY) == span


def test_days_and_hours_are_those_of_the_zone() -> None:
    kathmandu = timezone(timedelta(hours=5, minutes=45))
    late = datetime(2026, 1, 21, 18, 15, tzinfo=UTC)
    stats, span = stats_at(late, late - timedelta(minutes=15)), named_span("week", TODAY)
    assert by_day(stats, span, UTC)[date(2026, 1, 21)].sessions == 2
    assert [by_day(stats, span, kathmandu)[date(2026, 1, day)].sessions for day in (21, 22)] == [1, 1]
    assert (by_hour(stats, UTC)[18], by_hour(stats, kathmandu)[0], by_hour(stats, kathmandu)[23]) == (2, 1, 1)


def test_every_mark_leads_to_a_query_that_is_wholly_understood() -> None:
    told = marks(stats_of(NOW, NOW), named_span("week", TODAY), Today(NOW, UTC), plain=False)
    queries = [mark.query for mark in told if mark.query]
    assert len(queries) == 4 + 2 + 2 + 5 + 2 + 1 + 2
    for query in queries:
        assert not parse(query, Today(NOW, UTC)).problems


async def test_another_time_is_read_and_what_goes_wrong_is_said() -> None:
    shop = Shop(*OPEN)
    async with shop.app.run_test(size=(80, 24), notifications=True) as pilot:
        await shop.ready(pilot)
        await pilot.press("5")
        await shop.ready(pilot)
        await pilot.press("right")
        await shop.ready(pilot)
        assert ("stats", "2025-12-24 2026-01-23") in shop.client.asked
        await pilot.press("slash", *"2026-01-01..2026-01-03", "enter")
        await shop.ready(pilot)
        assert ("stats", "2026-01-01 2026-01-04") in shop.client.asked
        assert "2026-01-01 to 2026-01-03" in shop.screen_text
        shop.client.answers["stats"] = Unreachable(SERVER, "cut")
        await pilot.press("r")
        await shop.until(pilot, lambda: "r tries again" in shop.screen_text)
