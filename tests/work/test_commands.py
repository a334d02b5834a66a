"""`mechtui report`, `export` and `stats`, as a shell runs them."""

import csv
import io
import json
from pathlib import Path

import pytest

from mechtui.exits import Exit
from tests.client.conftest import shop, user
from tests.client.shell import User

__all__ = ["shop", "user"]


def test_a_list_is_exported_into_a_new_file_only(user: User, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    user.be_mechanic()
    wanted = user.submit(kind="chat", name="=exported one")
    user.submit(kind="video", name="exported two")
    for name in ("incoming.csv", "incoming (2).csv"):
        assert user.run("export", "incoming", "--", "exported", "-type:video") == Exit.DONE
        assert user.out == f"{name}\n"
    text = (tmp_path / "incoming (2).csv").read_text(encoding="utf-8-sig")
    assert [(row["id"], row["customer"]) for row in csv.DictReader(io.StringIO(text))] == [(wanted, "'=exported one")]
    assert user.run("export", "incoming", "exported", "--format", "json", "--output", "all.json") == Exit.DONE
    assert len(json.loads((tmp_path / "all.json").read_bytes())) == 2


def test_stats_are_text_or_the_backends_json(user: User) -> None:
    user.be_mechanic("Nobody yet")
    assert user.run("stats", "--range", "today", "--json") == Exit.DONE
    assert json.loads(user.out)["total"]["sessions"] == 0
    assert user.run("stats") == Exit.DONE
    assert "completed" in user.out
    assert user.run("stats", "--range", "soon") == Exit.WRONG_USE
    assert "2026-11-01..2026-11-15" in user.err


def test_a_report_there_is_not_is_refused(user: User) -> None:
    user.be_mechanic()
    mine = user.submit()
    assert user.run("report", mine) == Exit.REFUSED
    assert user.run("accept", mine) == Exit.DONE
    assert user.run("report", mine, "--format", "txt", "--output", "-") == Exit.REFUSED
    assert "Only a completed session has a report" in user.err
    assert user.run("end", mine) == Exit.DONE
