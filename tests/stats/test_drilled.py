"""Each mark leads to a list that is as long as the mark says."""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

import pytest

from mechtui.config import Rules
from mechtui.figures import Stats
from mechtui.rows import Tab
from mechtui.search.days import Today
from mechtui.search.render import render
from mechtui.search.syntax import SENT, parse
from mechtui.server.clock import stamp
from mechtui.server.db import lists
from mechtui.server.db.engine import engine_of
from mechtui.server.db.lists import Wanted
from mechtui.server.db.rows import Shop
from mechtui.server.db.sessions import Mechanic
from mechtui.server.db.stats import stats
from mechtui.stats import Span, named_span
from mechtui.stats_lines import Mark, marks
from tests.stats.made import END, ME, make_sessions

NOW = END - timedelta(hours=3)
LISTS = {Tab.COMPLETED: lists.COMPLETED, Tab.HISTORY: lists.HISTORY}
WHO = Mechanic(ME, ME, ("chat", "video", "diagnostic"))
ELSEWHERE = Today(NOW, UTC)


def said(mark: Mark) -> int:
    """The number a mark stands for: what it is about, not what it is called."""
    words = "".join(piece.text for piece in mark.line if piece.tone == "strong")
    rated = re.search(r"(\d+) rated", words)
    return int(rated[1] if rated else words.split()[0])


@pytest.mark.parametrize("zone", [UTC, timezone(timedelta(hours=5, minutes=45)), timezone(timedelta(hours=-8))])
@pytest.mark.parametrize("name", ["today", "week", "month"])
def test_each_mark_leads_to_as_many_sessions_as_it_says(database: str, zone: tzinfo, name: str) -> None:
    make_sessions(database, 300, 3)
    connection, today = engine_of(database).open_reader(), Today(NOW, zone)
    span = named_span(name, today.date)
    since, until = span.moments(zone)
    told = Stats.model_validate(stats(connection, ME, stamp(since), stamp(until)))
    leading = [mark for mark in marks(told, span, today, plain=True) if mark.query]
    assert len(leading) > (20 if name == "month" else 3)
    for mark in leading:
        query = parse(mark.query, today)
        assert not query.problems
        wanted = Wanted(q=parse(render(query.tree), ELSEWHERE, SENT).tree)
        page = lists.page(connection, LISTS[mark.tab], WHO, wanted, stamp(NOW), Shop(Rules(), "https://shop.example"))
        assert page["total"] == said(mark), mark
    connection.close()


def test_hours_lead_nowhere_where_the_clocks_were_changed_meanwhile() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    span = Span(datetime(2026, 10, 1, tzinfo=UTC).date(), datetime(2026, 11, 1, tzinfo=UTC).date())
    for at, leads in (("2026-10-20T10:00:00Z", False), ("2026-10-30T10:00:00Z", True)):
        part = {"sessions": 1, "price_cents": 1, "share_cents": 1}
        told = Stats.model_validate(
            {"since": at, "until": at, "total": part, "slots": [{"at": at, "sum": part}]}, strict=False
        )
        today = Today(datetime(2026, 11, 1, 12, tzinfo=UTC), berlin)
        found = [mark.query for mark in marks(told, span, today, plain=True) if mark.query.startswith("hour:")]
        assert bool(found) == leads
