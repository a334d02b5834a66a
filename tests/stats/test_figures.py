"""A mechanic's figures are those plain SQL finds, on the demo's three weeks and on sessions made at random."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from mechtui.figures import Stats
from mechtui.server.accounts import add_mechanic
from mechtui.server.clock import stamp
from mechtui.server.db.connection import Connection
from mechtui.server.db.engine import engine_of
from mechtui.server.db.sessions import Mechanic
from mechtui.server.db.stats import stats
from mechtui.server.demo.seed import seed_past
from mechtui.server.demo.shop import DANA, SAM, plan_past
from tests.faults import LARGE
from tests.server.live import Shop
from tests.server.support import HandClock
from tests.stats.made import BEGIN, END, ME, make_sessions
from tests.work.test_summary import completed

NOW = datetime(2026, 11, 24, 7, 8, tzinfo=UTC)
MINE = "mechanic_id = :me AND status = 'completed' AND created_at >= :since AND created_at < :until"
SHARE = "CAST(round(price_cents * mechanic_share_bp / 10000.0) AS INTEGER)"
PLAN = "(SELECT name FROM plans WHERE code = plan_code)"
LENGTH = "(unixepoch(ended_at, 'subsec') - unixepoch(started_at, 'subsec'))"
WAITED = "(unixepoch(accepted_at, 'subsec') - unixepoch(created_at, 'subsec'))"


class Asked:
    """Plain SQL about one mechanic and one time."""

    def __init__(self, connection: Connection, me: str, since: datetime, until: datetime) -> None:
        self.connection = connection
        self.params = {"me": me, "since": stamp(since), "until": stamp(until)}

    def one(self, sql: str) -> Any:
        return self.connection.execute(sql, self.params).fetchall()[0][0]

    def sums(self, key: str) -> dict[str, tuple[int, int, int]]:
        rows = self.connection.execute(
            f"SELECT {key}, count(*), sum(price_cents), sum({SHARE}) FROM sessions WHERE {MINE} GROUP BY plan_code, 1",
            self.params,
        ).fetchall()
        names = {row[0] for row in rows}
        return {str(n): tuple(sum(row[c] for row in rows if row[0] == n) for c in (1, 2, 3)) for n in names}

    def middle(self, what: str) -> float:
        """The median by counting to the middle, once from either end."""
        half = f"FROM sessions WHERE {MINE} ORDER BY x"
        count = self.one(f"SELECT count(*) FROM sessions WHERE {MINE}")
        sides = [self.one(f"SELECT {what} AS x {half} LIMIT 1 OFFSET {n}") for n in ((count - 1) // 2, count // 2)]
        return float(sum(sides)) / 2


def hold_against_sql(connection: Connection, me: str, since: datetime, until: datetime) -> Stats:
    told = Stats.model_validate(stats(connection, me, stamp(since), stamp(until)))
    asked = Asked(connection, me, since, until)
    total = told.total
    assert total.sessions == asked.one(f"SELECT count(*) FROM sessions WHERE {MINE}")
    assert total.price_cents == asked.one(f"SELECT coalesce(sum(price_cents), 0) FROM sessions WHERE {MINE}")
    assert total.share_cents == asked.one(f"SELECT coalesce(sum({SHARE}), 0) FROM sessions WHERE {MINE}")
    for times, what in ((total.length, LENGTH), (told.waited, WAITED)):
        assert times is not None
        assert times.seconds == pytest.approx(asked.one(f"SELECT sum({what}) FROM sessions WHERE {MINE}"), abs=0.5)
        assert times.longest == pytest.approx(asked.one(f"SELECT max({what}) FROM sessions WHERE {MINE}"), abs=0.01)
        assert times.median == pytest.approx(asked.middle(what), abs=0.01)
    for parts, key in ((told.by_type, "type"), (told.by_plan, PLAN)):
        found = {p.name: (p.sum.sessions, p.sum.price_cents, p.sum.share_cents) for p in parts}
        assert found == asked.sums(key)
    days: dict[str, int] = {}
    for slot in told.slots:
        days[f"{slot.at:%Y-%m-%d}"] = days.get(f"{slot.at:%Y-%m-%d}", 0) + slot.sum.sessions
    assert days == {day: n for day, (n, _, _) in asked.sums("substr(created_at, 1, 10)").items()}
    rated = (
        "SELECT count(*) FROM session_reviews WHERE rating = {} AND session_id IN (SELECT id FROM sessions WHERE {})"
    )
    assert list(told.ratings) == [asked.one(rated.format(n, MINE)) for n in range(1, 6)]
    in_time = "session_id IN (SELECT id FROM sessions WHERE created_at >= :since AND created_at < :until)"
    assert told.cancelled == asked.one(f"SELECT count(*) FROM sessions WHERE {MINE.replace('completed', 'cancelled')}")
    given_back = "SELECT session_id FROM events WHERE mechanic_id = :me AND kind = 'released'"
    kept = "SELECT id FROM sessions WHERE mechanic_id = :me UNION SELECT session_id FROM passes WHERE mechanic_id = :me"
    assert told.released == asked.one(
        f"SELECT count(DISTINCT session_id) FROM ({given_back}) AS back WHERE session_id NOT IN ({kept}) AND {in_time}"
    )
    assert told.races_lost == asked.one(f"SELECT count(*) FROM attempts WHERE mechanic_id = :me AND {in_time}")
    won = "SELECT count(DISTINCT session_id || won_at) FROM attempts WHERE winner_id = :me"
    assert told.races_won == asked.one(f"{won} AND {in_time}")
    return told


async def test_on_the_demos_three_weeks(database: str) -> None:
    mechanics = {name: Mechanic(add_mechanic(database, name).id, name) for name in (DANA, SAM)}
    await seed_past(database, plan_past(1, NOW), mechanics)
    connection = engine_of(database).open_reader()
    for who in mechanics.values():
        for days in (30, 7):
            hold_against_sql(connection, who.id, NOW - timedelta(days=days), NOW)
    assert hold_against_sql(connection, mechanics[DANA].id, NOW - timedelta(days=30), NOW).total.sessions == 40
    connection.close()


@pytest.mark.parametrize("seed", [1, 2])
def test_on_sessions_made_at_random(database: str, seed: int) -> None:
    count = 50_000 if LARGE else 600
    make_sessions(database, count, seed)
    connection = engine_of(database).open_reader()
    told = hold_against_sql(connection, ME, BEGIN, END)
    assert told.total.sessions > count // 4
    hold_against_sql(connection, ME, BEGIN + timedelta(days=3), BEGIN + timedelta(days=4, milliseconds=1))
    connection.close()


def test_of_nothing_there_is_nothing(database: str) -> None:
    make_sessions(database, 5, 1)
    connection = engine_of(database).open_reader()
    told = Stats.model_validate(
        stats(connection, ME, stamp(END + timedelta(days=99)), stamp(END + timedelta(days=100)))
    )
    connection.close()
    assert (told.total.sessions, told.total.length, told.waited, told.slots) == (0, None, None, ())


async def test_a_mechanic_sees_his_own_and_a_race_counts_once_for_both(slow_shop: Shop, hand_clock: HandClock) -> None:
    shop, session_id = slow_shop, await completed(slow_shop, hand_clock)
    other = await shop.submit()
    await shop.accept(other)
    for _ in range(2):
        assert (await shop.accept(other, shop.bob.token)).json()["code"] == "ALREADY_TAKEN"
    hand_clock.forward(1)
    mine = Stats.model_validate((await shop.get("/api/mechanic/stats")).json())
    his = Stats.model_validate((await shop.get("/api/mechanic/stats", shop.bob.token)).json())
    assert (mine.total.sessions, mine.races_won, mine.races_lost) == (1, 1, 0)
    assert (his.total.sessions, his.races_won, his.races_lost) == (0, 0, 1)
    assert (await shop.get("/api/mechanic/stats", shop.desk.token)).status_code == 403
    trail = (await shop.get(f"/api/sessions/{other}")).json()["attempts"]
    assert [attempt["mechanic"]["name"] for attempt in trail] == ["Bob"]
    assert (await shop.get(f"/api/sessions/{other}", shop.customers[other])).json()["attempts"] == []
    assert (await shop.get(f"/api/sessions/{session_id}")).json()["attempts"] == []
