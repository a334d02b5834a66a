"""The old database moved into ours: nothing guessed, nothing lost without a word, twice the same as once."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mechtui.config import Rules
from mechtui.server.clock import stamp
from mechtui.server.db.connection import Connection
from mechtui.server.db.engine import engine_of
from mechtui.server.legacy import moving
from mechtui.server.legacy.moving import Moved, move
from mechtui.server.legacy.plan import Becomes, Plan
from mechtui.server.legacy.planning import plan_of_import
from mechtui.server.legacy.source import source_of
from mechtui.server.legacy.tables import load
from mechtui.server.legacy.writing import write_case
from tests.moving.plants import PLANTS
from tests.moving.shop import NOW, OldShop, at, uid, write


@pytest.fixture
def moved(tmp_path: Path, database: str) -> Callable[[OldShop], tuple[Plan, Moved]]:
    """Export a shop, and move it into the test's database."""

    def run(shop: OldShop) -> tuple[Plan, Moved]:
        source = source_of(str(write(shop.tables, tmp_path / "old")))
        plan = plan_of_import(load(source), source, NOW)
        return plan, move(database, plan, source, lambda done, of: None)

    return run


@pytest.fixture
def reader(database: str, moved: object) -> Iterator[Connection]:
    engine = engine_of(database)
    engine.prepare(Rules().plans)
    connection = engine.open_reader()
    yield connection
    connection.close()


Run = Callable[[OldShop], tuple[Plan, Moved]]


def row_of(reader: Connection, session_id: str) -> dict[str, Any]:
    names = (
        "status mechanic_id accepted_at started_at ended_at ended_by end_reason minutes price_cents created_at urgent"
    )
    rows = reader.execute(f"SELECT {', '.join(names.split())} FROM sessions WHERE id = ?", (session_id,)).fetchall()
    return dict(zip(names.split(), rows[0], strict=True)) if rows else {}


def accounted(plan: Plan, shop: OldShop) -> None:
    lines = plan.ledger()
    assert sum(line.rows for line in lines) == shop.rows()
    assert all(line.rows == line.moved + line.quarantined + line.left for line in lines)


def test_a_healthy_shop_is_moved_whole(moved: Run, reader: Connection) -> None:
    shop = OldShop()
    held = shop.held("in hand", shop.bob)
    plan, done = moved(shop)
    accounted(plan, shop)
    assert [v for v in plan.verdicts.values() if v.becomes == Becomes.QUARANTINED and "export" not in v.words] == []
    assert (done.new, done.before, done.refused) == (5, 0, {})
    row = row_of(reader, uid("session", 0))
    assert (row["status"], row["mechanic_id"], row["minutes"]) == ("completed", shop.ann, 55)
    assert row_of(reader, held["id"])["status"] == "waiting"
    kinds = [kind for (kind,) in reader.execute(
        "SELECT kind FROM events WHERE session_id = ? ORDER BY seq", (uid("session", 0),))]  # fmt: skip
    assert kinds == ["created", "accepted", "joined", "joined", "started", "completed", "summary_submitted", "rated",
                     "imported"]  # fmt: skip


def test_twice_is_once(moved: Run, reader: Connection) -> None:
    shop = OldShop()
    moved(shop)
    before = everything(reader)
    assert moved(shop)[1] == Moved(new=0, before=4)
    assert everything(reader) == before


def test_what_was_cut_off_goes_on(moved: Run, reader: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = OldShop(completed=9)
    monkeypatch.setattr(moving, "BATCH", 2)
    write_one, written = write_case, 0

    def cut(*args: Any) -> None:
        nonlocal written
        written += 1
        if written == 6:
            raise KeyboardInterrupt
        write_one(*args)

    monkeypatch.setattr(moving, "write_case", cut)
    with pytest.raises(KeyboardInterrupt):
        moved(shop)
    assert len(reader.execute("SELECT id FROM sessions").fetchall()) == 4
    monkeypatch.setattr(moving, "write_case", write_one)
    assert moved(shop)[1] == Moved(new=6, before=4)
    assert reader.execute("SELECT count(*), max(seq) FROM events").fetchall()[0] == reader.execute(
        "SELECT seq, seq FROM feed_head").fetchall()[0]  # fmt: skip


@pytest.mark.parametrize("number", sorted(PLANTS))
def test_each_kind_of_damage_is_accounted_for(moved: Run, number: int) -> None:
    shop = OldShop()
    PLANTS[number](shop)
    plan, done = moved(shop)
    accounted(plan, shop)
    assert {f.kind.number for f in plan.findings} == {number}
    assert done.refused == {}


REPAIRED = {
    1: ("seed", "waiting", "Ann"),
    3: ("lost", "waiting", "Ann"),
    6: ("unseen", "pending", None),
    7: ("nobody's", "pending", None),
    8: ("both", "waiting", "Ann"),
    9: ("second", "waiting", "Ann"),
    12: ("over", "completed", "Ann"),
    14: ("went away", "cancelled", None),
    15: ("never", "completed", "Ann"),
    16: ("by whom", "completed", "Ann"),
    17: ("ran", "completed", "Ann"),
    18: ("runs on", "completed", "Ann"),
    19: ("forgotten", "expired", None),
    21: ("word", "completed", "Ann"),
    22: ("other id", "completed", "Ann"),
    23: ("nobody", "completed", "Ann"),
    24: ("no intake", "completed", "Ann"),
    26: ("no plan", "completed", "Ann"),
    28: ("twice", "completed", "Ann"),
}


@pytest.mark.parametrize("number", sorted(REPAIRED))
def test_what_is_sure_is_repaired(moved: Run, reader: Connection, number: int) -> None:
    name, status, mechanic = REPAIRED[number]
    shop = OldShop()
    PLANTS[number](shop)
    moved(shop)
    row = row_of(reader, uid("session", name))
    assert (row["status"], row["mechanic_id"]) == (status, mechanic and uid("mechanic", mechanic))


@pytest.mark.parametrize("number", [2, 10, 20, 29])
def test_what_would_be_a_guess_is_set_aside(moved: Run, reader: Connection, number: int) -> None:
    shop = OldShop()
    before = len(shop.tables["sessions"])
    PLANTS[number](shop)
    plan, _ = moved(shop)
    planted = [row["id"] for row in shop.tables["sessions"][before:]]
    assert all(row_of(reader, session_id) == {} for session_id in planted)
    aside = {ref.id for ref, v in plan.verdicts.items() if v.becomes == Becomes.QUARANTINED and v.words}
    assert set(planted) <= aside


def test_a_request_that_was_accepted_long_ago_and_led_nowhere_is_cancelled(moved: Run, reader: Connection) -> None:
    shop = OldShop(completed=0)
    shop.request(None, 300, status="accepted", mechanic_id=shop.ann, accepted_at=at(290))
    moved(shop)
    rows = reader.execute("SELECT status, mechanic_id, ended_at FROM sessions WHERE mechanic_id IS NOT NULL").fetchall()
    assert rows == [("cancelled", shop.ann, stamp(NOW))]


def test_files_are_moved_with_what_is_in_them(moved: Run, reader: Connection, tmp_path: Path) -> None:
    shop = OldShop(completed=1)
    shop.tables["intakes"][0]["files"] = ["intakes/2025/a.jpg", "intakes/2025/gone.jpg", "../../secret"]
    (tmp_path / "secret").write_bytes(b"no")
    (tmp_path / "old" / "files" / "intakes" / "2025").mkdir(parents=True)
    (tmp_path / "old" / "files" / "intakes" / "2025" / "a.jpg").write_bytes(b"photo")
    plan, _ = moved(shop)
    assert reader.execute("SELECT name, content FROM intake_files").fetchall() == [("a.jpg", b"photo")]
    assert plan.files_missing == 2


def test_a_customer_who_has_an_open_session_here_keeps_that_one(moved: Run, reader: Connection) -> None:
    shop = OldShop(completed=0)
    moved(shop)
    other = shop.session("other", 3, customer_user_id=shop.tables["sessions"][0]["customer_user_id"])
    shop.request(other, 3)
    shop.tables["sessions"].pop(0)
    shop.tables["session_requests"].pop(0)
    _, done = moved(shop)
    assert done.refused == {other["id"]: "its customer has an open session here already"}


def everything(reader: Connection) -> list[list[Any]]:
    tables = ("plans", "mechanics", "customers", "intakes", "intake_files", "sessions", "events",
              "session_summaries", "session_reviews")  # fmt: skip
    return [sorted(map(repr, reader.execute(f"SELECT * FROM {table}").fetchall())) for table in tables]
