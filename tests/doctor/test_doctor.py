"""Each kind of damage of our own database, planted past the schema, is found; what is safe is repaired, once."""

import json
from contextlib import closing
from pathlib import Path

import pytest

from mechtui.cli import run
from mechtui.server.db.engine import engine_of
from mechtui.server.doctor.audit import Audit, audit
from mechtui.server.doctor.kinds import OWN_KINDS
from mechtui.server.doctor.repair import repair
from tests.doctor.conftest import Breaking

NONE = "'00000000-0000-0000-0000-000000000000'"
PLANTS = {
    "accepted-by-nobody": "UPDATE sessions SET status = 'pending', mechanic_id = NULL, accepted_at = NULL "
    "WHERE id = :held",
    "held-by-another": "UPDATE sessions SET mechanic_id = :bob WHERE id = :held",
    "not-by-its-status": "UPDATE sessions SET accepted_at = NULL WHERE id = :held",
    "refers-to-nothing": f"UPDATE sessions SET customer_id = {NONE} WHERE id = :pending",
    "several-in-hand": "UPDATE sessions SET status = 'waiting', mechanic_id = :ann, accepted_at = created_at "
    "WHERE id = :pending; INSERT INTO events (seq, session_id, kind, actor, mechanic_id, at) SELECT seq + 1, :pending, "
    "'accepted', 'mechanic', :ann, '2026-03-02T10:00:00.000Z' FROM feed_head; UPDATE feed_head SET seq = seq + 1",
    "never-created": "UPDATE events SET kind = 'extended' WHERE session_id = :pending",
    "end-untold": "UPDATE events SET kind = 'extended' WHERE kind = 'completed'",
    "end-otherwise": "UPDATE events SET kind = 'cancelled' WHERE kind = 'completed'",
    "start-untold": "UPDATE events SET kind = 'extended' WHERE kind = 'started'",
    "times-disordered": "UPDATE sessions SET ended_at = '2020-01-01T00:00:00.000Z' WHERE id = :done",
    "offer-of-another": "INSERT INTO handovers (session_id, from_id, to_id, offered_at) "
    "VALUES (:held, :bob, :ann, '2026-03-02T10:00:00.000Z')",
    "said-too-early": "INSERT INTO session_reviews (session_id, rating, created_at) VALUES (:held, 5, 'x')",
    "removed-yet-there": "UPDATE sessions SET forgotten_at = ended_at WHERE id = :done; INSERT INTO events (seq, "
    "session_id, kind, actor, at) SELECT seq + 1, :done, 'forgotten', 'system', '2026-03-02T10:00:00.000Z' "
    "FROM feed_head; UPDATE feed_head SET seq = seq + 1",
    "removed-untold": "UPDATE sessions SET forgotten_at = ended_at, end_reason = '(removed)' WHERE id = :done; "
    "UPDATE intakes SET name = '(removed)', concern = '(removed)' "
    "WHERE id = (SELECT intake_id FROM sessions WHERE id = :done)",
    "row-of-nothing": f"INSERT INTO passes (session_id, mechanic_id) VALUES ({NONE}, :ann)",
    "feed-with-holes": "DELETE FROM events WHERE kind = 'joined' AND actor = 'customer'",
    "feed-head-elsewhere": "UPDATE feed_head SET seq = seq + 3",
    "answer-unreadable": "INSERT INTO idempotency (principal, key, fingerprint, status, body, at) "
    "VALUES ('desk', 'k', 'f', 200, '{', 'x')",
}


def looked(database: str) -> Audit:
    with closing(engine_of(database).open_reader()) as connection:
        return audit(connection)


def planted(name: str, history: dict[str, str], damage: Breaking) -> None:
    statements = PLANTS[name]
    for known, row_id in history.items():
        statements = statements.replace(f":{known}", f"'{row_id}'")
    damage(statements)


def test_a_whole_database_has_nothing_wrong(database: str, history: dict[str, str]) -> None:
    assert looked(database) == Audit(lost=0, of=3, findings=[])


def test_there_is_a_plant_for_every_kind() -> None:
    assert list(PLANTS) == [kind.name for kind in OWN_KINDS]


@pytest.mark.parametrize("name", PLANTS)
def test_each_kind_is_found_and_none_else(database: str, history: dict[str, str], damage: Breaking, name: str) -> None:
    planted(name, history, damage)
    found = looked(database)
    assert [finding.kind.name for finding in found.findings] == [name]
    assert found.lost == (1 if found.findings[0].kind.lost else 0)


@pytest.mark.parametrize("name", [kind.name for kind in OWN_KINDS if kind.safe])
def test_what_is_safe_is_repaired_and_told(database: str, history: dict[str, str], damage: Breaking, name: str) -> None:
    planted(name, history, damage)
    before, after = repair(database)
    assert [finding.kind.name for finding in before.findings] == [name]
    assert after.findings == []
    with closing(engine_of(database).open_reader()) as reader:
        told = reader.execute("SELECT count(*) FROM events WHERE kind = 'repaired'").fetchall()[0][0]
    assert told == (0 if name in {"feed-head-elsewhere", "answer-unreadable"} else 1)


def test_what_only_people_know_is_left_to_them(database: str, history: dict[str, str], damage: Breaking) -> None:
    planted("accepted-by-nobody", history, damage)
    before, after = repair(database)
    assert before == after
    assert after.lost == 1


def test_the_command_says_it_and_ends_with_1(
    database: str, history: dict[str, str], damage: Breaking, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["doctor", "--database", database]) == 0
    assert capsys.readouterr().out == "0 lost of 3\n"
    planted("end-untold", history, damage)
    assert run(["doctor", "--json", "--database", database]) == 1
    found, total = map(json.loads, capsys.readouterr().out.splitlines())
    assert (found["kind"], found["rows"], found["repaired"]) == ("end-untold", [history["done"]], False)
    assert total == {"lost": 0, "of": 3, "findings": 1}
    assert run(["doctor", "--repair", "--database", database]) == 0
    assert "end-untold: it has ended, and the log does not say so: 1 (repaired)" in capsys.readouterr().out


@pytest.mark.parametrize("more", [[], ["--repair"]])
def test_a_wrong_path_makes_no_database(tmp_path: Path, capsys: pytest.CaptureFixture[str], more: list[str]) -> None:
    assert run(["doctor", *more, "--database", f"sqlite:///{tmp_path}/none.db"]) == 1
    assert f"there is no database at {tmp_path}/none.db" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
