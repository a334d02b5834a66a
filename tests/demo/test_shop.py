"""The planned past is the same for the same seed, makes sense, and the real transitions accept every step of it."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import apsw
import pytest

from mechtui.server.accounts import add_mechanic
from mechtui.server.db.sessions import Mechanic
from mechtui.server.demo.seed import seed_past
from mechtui.server.demo.shop import DANA, SAM, plan_past

NOW = datetime(2026, 11, 24, 7, 8, tzinfo=UTC)


def test_the_same_seed_gives_the_same_past() -> None:
    assert plan_past(1, NOW) == plan_past(1, NOW) != plan_past(2, NOW)


def test_it_covers_three_weeks_and_ends_with_something_open() -> None:
    past = plan_past(1, NOW)
    assert timedelta(days=19) < NOW - past.steps[0].at < timedelta(days=23)
    assert all(step.at <= NOW for step in past.steps)
    assert (len(past.active), len(past.open)) == (1, 4)
    without = plan_past(1, NOW, open_sessions=False)
    assert without.active == without.open == ()
    assert without.steps == tuple(step for step in past.steps if step.visit < len(without.visits))


@pytest.mark.parametrize(("seed", "hour"), [(0, 0), (1, 4), (2, 9), (3, 14), (4, 18), (5, 23)])
async def test_the_real_transitions_take_every_step(seed: int, hour: int, tmp_path: Path) -> None:
    now = NOW.replace(hour=hour)
    database = tmp_path / "shop.db"
    mechanics = {name: Mechanic(add_mechanic(f"sqlite:///{database}", name).id, name) for name in (DANA, SAM)}
    past = plan_past(seed, now)
    ids = await seed_past(f"sqlite:///{database}", past, mechanics)
    found = statuses(database)
    assert found[DANA, "completed"] == 40
    assert found[DANA, "waiting"] == 1
    assert found[None, "pending"] == 4
    assert found[None, "expired"] == 2
    assert found[SAM, "completed"] >= 18
    assert len(set(ids.values())) == len(past.visits)


async def test_what_is_open_can_be_triaged_now(tmp_path: Path) -> None:
    database = tmp_path / "shop.db"
    mechanics = {name: Mechanic(add_mechanic(f"sqlite:///{database}", name).id, name) for name in (DANA, SAM)}
    await seed_past(f"sqlite:///{database}", plan_past(9, NOW), mechanics)
    with apsw.Connection(str(database)) as connection:
        rows = connection.execute("SELECT urgent, expires_at FROM sessions WHERE status = 'pending'").fetchall()
    assert sorted(int(str(urgent)) for urgent, _ in rows) == [0, 0, 0, 1]
    assert all(datetime.fromisoformat(str(expires)) > NOW + timedelta(minutes=4) for _, expires in rows)


@pytest.mark.parametrize("seed", range(4))
async def test_there_is_something_to_see_of_everything(seed: int, tmp_path: Path) -> None:
    """Customers who were here before in the same car, races won and lost, photos and codes to triage by."""
    database = tmp_path / "shop.db"
    mechanics = {name: Mechanic(add_mechanic(f"sqlite:///{database}", name).id, name) for name in (DANA, SAM)}
    past = plan_past(seed, NOW)
    ids = await seed_past(f"sqlite:///{database}", past, mechanics)
    with apsw.Connection(str(database)) as connection:
        lost = connection.execute("SELECT DISTINCT mechanic_id FROM attempts").fetchall()
        known = connection.execute(
            "SELECT vin_key FROM intakes GROUP BY 1 HAVING vin_key <> '' AND count(*) > 1"
        ).fetchall()
    assert {row[0] for row in lost} == {mechanic.id for mechanic in mechanics.values()}
    assert len(known) >= 5
    waiting = [past.visits[place] for place in past.open]
    assert any(visit.problem.photos for visit in waiting)
    assert any(visit.codes for visit in waiting)
    assert len(ids) == len(past.visits)


def statuses(database: Path) -> Counter[tuple[str | None, str]]:
    """How many sessions there are by mechanic's name and status."""
    query = "SELECT m.name, s.status FROM sessions s LEFT JOIN mechanics m ON m.id = s.mechanic_id"
    with apsw.Connection(str(database)) as connection:
        rows = connection.execute(query).fetchall()
    return Counter((str(name) if name else None, str(status)) for name, status in rows)
