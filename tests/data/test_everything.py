"""`mechtui db export`: all sessions of all mechanics, once each."""

import asyncio
import csv
import io
import json
from pathlib import Path

import pytest

from mechtui.cli import run
from mechtui.server.db import everything
from tests.server.support import ShopFloor


@pytest.mark.parametrize("form", ["csv", "json"])
async def test_every_session_of_every_mechanic_is_written_once(
    database: str, tmp_path: Path, form: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(everything, "PAGE_ROWS", 2)
    floor = ShopFloor(database)
    ids = [(await floor.submit(f"Nr {number}")).id for number in range(5)]
    await floor.complete(floor.ann, ids[0])
    await floor.complete(floor.bob, ids[3])
    await floor.close()
    target = tmp_path / "all"
    command = ["db", "export", "--database", database, "--format", form, "--output", str(target)]
    assert await asyncio.to_thread(run, command) == 0
    assert capsys.readouterr().out == f"{target}\n"
    text = target.read_text(encoding="utf-8-sig")
    rows = json.loads(text) if form == "json" else list(csv.DictReader(io.StringIO(text)))
    assert sorted(row["id"] for row in rows) == sorted(ids)
    assert {row["id"] for row in rows if row["status"] == "completed"} == {ids[0], ids[3]}
