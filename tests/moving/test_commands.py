"""`mechtui import` and `mechtui doctor SOURCE`, as one types them."""

import json
import random
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mechtui.cli import run
from mechtui.config import DEFAULT_PLANS
from mechtui.server.db.engine import engine_of
from mechtui.server.doctor.audit import audit
from mechtui.server.legacy.moving import move
from mechtui.server.legacy.planning import plan_of_import
from mechtui.server.legacy.source import FolderSource, source_of
from mechtui.server.legacy.tables import load
from tests.moving.plants import PLANTS
from tests.moving.shop import NOW, OldShop, write


def sessions(database: str) -> list[tuple[object, ...]]:
    engine = engine_of(database)
    engine.prepare(DEFAULT_PLANS)
    with closing(engine.open_reader()) as reader:
        assert audit(reader).findings == []
        return reader.execute("SELECT id, status FROM sessions ORDER BY id").fetchall()


@pytest.mark.parametrize("form", ["json", "csv"])
def test_a_dry_run_shows_the_books_and_writes_nothing(
    tmp_path: Path, database: str, capsys: pytest.CaptureFixture[str], form: str
) -> None:
    source = str(write(OldShop().tables, tmp_path / "old", form))
    assert run(["import", source, "--dry-run", "--database", database]) == 0
    shown = capsys.readouterr().out
    assert "Nothing was written" in shown
    assert "sessions                4      4          0     0" in shown
    assert sessions(database) == []
    assert run(["import", source, "--database", database]) == 0
    assert "4 sessions moved, 0 were here before, 0 refused" in capsys.readouterr().out
    assert len(sessions(database)) == 4
    assert run(["import", source, "--database", database]) == 0
    assert "0 sessions moved, 4 were here before, 0 refused" in capsys.readouterr().out


def test_doctor_of_the_old_names_what_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shop = OldShop()
    source = write(shop.tables, tmp_path / "old")
    for row in shop.tables["sessions"] + shop.tables["session_requests"]:
        row["expires_at"] = "2099-01-01"
    assert run(["doctor", str(write(shop.tables, source))]) == 0
    assert "nothing wrong in" in capsys.readouterr().out
    PLANTS[3](shop)
    shop.tables["session_requests"][-1]["accepted_at"] = "yesterday \x1b]0;owned\x07"
    assert run(["doctor", str(write(shop.tables, source))]) == 1
    shown = capsys.readouterr().out
    assert "\x1b" not in shown
    assert "accepted_at" in shown
    assert run(["doctor", "--json", str(source)]) == 1
    assert all(json.loads(line)["rows"] for line in capsys.readouterr().out.splitlines())


@pytest.mark.parametrize("sabotage", ["no folder", "empty", "two", "torn"])
def test_a_source_that_is_none_is_refused_in_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], sabotage: str
) -> None:
    folder = tmp_path / "old"
    if sabotage != "no folder":
        folder.mkdir()
    if sabotage in {"two", "torn"}:
        (folder / "sessions.json").write_text('[{"id": ' if sabotage == "torn" else "[]")
    if sabotage == "two":
        (folder / "sessions.csv").write_text("id\n")
    assert run(["doctor", str(folder)]) == 1
    assert capsys.readouterr().err.startswith("mechtui: ")


def test_a_backend_that_serves_is_not_disturbed(
    tmp_path: Path, database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    source = str(write(OldShop().tables, tmp_path / "old"))
    engine = engine_of(database)
    engine.prepare(DEFAULT_PLANS)
    with closing(engine.open_writer()):
        assert run(["import", source, "--database", database]) == 1
    assert "serve" in capsys.readouterr().err
    assert sessions(database) == []


def test_a_mechanic_who_was_moved_is_given_a_token(
    tmp_path: Path, database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    shop = OldShop()
    run(["import", str(write(shop.tables, tmp_path / "old")), "--database", database])
    capsys.readouterr()
    assert run(["mechanic", "token", shop.ann, "--json", "--database", database]) == 0
    made = json.loads(capsys.readouterr().out)
    assert (made["name"], made["token"][:4]) == ("Ann", "mtm_")


NONSENSE: tuple[object, ...] = (
    None, "", "x" * 3000, "\x1b[31m", "2025-13-45", "0001-01-01", -1, 10**12, 1.5, [], {}, "{}", "\x00", "pending",
    "live", "completed", "2025-11-05 11:59:00", "\ud800",
)  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 2**32), st.lists(st.sampled_from(sorted(PLANTS)), max_size=6), st.integers(0, 25))
def test_whatever_the_damage_nothing_is_lost_without_a_word(
    tmp_path_factory: pytest.TempPathFactory, seed: int, plants: list[int], spoilt: int
) -> None:
    chance = random.Random(seed)
    shop = OldShop(completed=2)
    for number in dict.fromkeys(plants):
        PLANTS[number](shop)
    for _ in range(spoilt):
        rows = chance.choice([rows for rows in shop.tables.values() if rows])
        row = chance.choice(rows)
        row[chance.choice(sorted(row))] = chance.choice(NONSENSE)
    folder = tmp_path_factory.mktemp("damaged")
    source = source_of(str(write(shop.tables, folder / "old")))
    database = f"sqlite:///{folder / 'shop.db'}"
    plan = plan_of_import(load(source), source, NOW)
    assert sum(line.rows for line in plan.ledger()) == shop.rows()
    moved = move(database, plan, source, lambda done, of: None)
    assert moved.new + len(moved.refused) == len(plan.cases)
    assert moved.refused == {}
    before = sessions(database)
    assert move(database, plan, FolderSource(folder / "old"), lambda done, of: None).new == 0
    assert sessions(database) == before
