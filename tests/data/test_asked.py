"""`mechtui db forget`: the right customer, asked first, with a backend and without."""

import asyncio
from contextlib import closing
from pathlib import Path

import pytest

from mechtui.cli import run
from mechtui.server import asked
from mechtui.server.db.customers import find
from mechtui.server.db.engine import engine_of
from mechtui.server.db.rows import read_session
from mechtui.server.forgetting import Forgetting
from tests.data.conftest import MARK, traced
from tests.server.live import Shop
from tests.server.support import ShopFloor

VALUES = "(customer_id, asked_at, asked_by) VALUES (?, ?, 'sam')"


async def mechtui(arguments: list[str]) -> int:
    """A command line, in a thread without a loop, as in a process of its own."""
    return await asyncio.to_thread(run, arguments)


def names(database: str) -> list[str]:
    with closing(engine_of(database).open_reader()) as reader:
        return sorted(str(name) for (name,) in reader.execute("SELECT name FROM customers"))


@pytest.mark.parametrize("who", [f"{MARK}@Example.com ", f"ms {MARK}", "+1 (555) 0100-777", "the id", "the session"])
async def test_a_customer_is_known_by_all_he_gave(floor: ShopFloor, who: str) -> None:
    await floor.submit("Somebody else", phone="0777", email="else@example.com")
    row = await traced(floor)
    ((customer_id,),) = floor.reader.execute("SELECT customer_id FROM sessions WHERE id = ?", (row.id,)).fetchall()
    found = find(floor.reader, {"the id": customer_id, "the session": row.id}.get(who, who))
    assert [(c.id, [visit.id for visit in c.visits]) for c in found] == [(customer_id, [row.id])]


@pytest.mark.parametrize("who", ["", "777", "zanzi", "%", "(removed)"])
async def test_a_part_of_it_is_nobody(floor: ShopFloor, who: str) -> None:
    await traced(floor)
    assert find(floor.reader, who) == []


async def test_it_shows_and_removes_where_no_backend_serves(
    database: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    floor = ShopFloor(database)
    row = await traced(floor)
    await floor.close()
    command = ["db", "forget", f"{MARK}@example.com", "--database", database]
    assert await mechtui([*command, "--dry-run"]) == 0
    assert row.id in capsys.readouterr().out
    assert await mechtui(command) == 2
    assert "add --yes" in capsys.readouterr().err
    assert names(database) == [f"Ms {MARK}"]
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("builtins.input", lambda _: "n")
    assert await mechtui(command) == 0
    assert names(database) == [f"Ms {MARK}"]
    monkeypatch.setattr("builtins.input", lambda _: "y")
    assert await mechtui(command) == 0
    assert "Removed." in capsys.readouterr().out
    assert names(database) == ["(removed)"]
    with closing(engine_of(database).open_reader()) as reader:
        told = reader.execute("SELECT reason FROM events WHERE kind = 'forgotten'").fetchall()
        assert str(told[0][0]).startswith("on request, by ")
    assert await mechtui(command) == 1
    assert "nobody here" in capsys.readouterr().err


async def test_one_with_an_open_session_is_refused_in_words(database: str, capsys: pytest.CaptureFixture[str]) -> None:
    floor = ShopFloor(database)
    row = await floor.submit("Wanda")
    await floor.close()
    assert await mechtui(["db", "forget", "Wanda", "--yes", "--database", database]) == 1
    assert f"open session ({row.id}, pending)" in capsys.readouterr().err
    assert names(database) == ["Wanda"]


async def test_several_of_one_name_are_told_apart(database: str, capsys: pytest.CaptureFixture[str]) -> None:
    floor = ShopFloor(database)
    await floor.submit("Jo Doe")
    await floor.submit("jo doe")
    await floor.close()
    assert await mechtui(["db", "forget", "Jo Doe", "--yes", "--database", database]) == 1
    said = capsys.readouterr()
    assert "2 customers; name one by his id" in said.err
    assert said.out.lower().count("jo doe") == 2


async def test_a_wrong_path_makes_no_database(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert await mechtui(["db", "forget", "Jo", "--database", f"sqlite:///{tmp_path}/none.db"]) == 1
    assert "there is no database at" in capsys.readouterr().err


async def test_the_backend_that_serves_does_it_and_tells_its_terminals(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asked for beside it; on PostgreSQL done beside it, too, and told through what each commit leaves."""
    session_id = await shop.submit(name="Wanda")
    await shop.act(session_id, "cancel", reason="no")
    with engine_of(shop.database).looking() as reader:
        ((customer_id,),) = reader.execute("SELECT customer_id FROM sessions").fetchall()
    seq = shop.backend.hub.seq
    running = asyncio.create_task(asyncio.to_thread(asked.forget, shop.database, customer_id, "sam"))
    async with asyncio.timeout(60):
        while not running.done():
            await shop.backend.forgetting.catch_up()
            await asyncio.sleep(0.01)
        assert running.result()
        await shop.backend.hub.reach(seq + 1)
    with engine_of(shop.database).looking() as reader:
        row = read_session(reader, session_id)
        events = reader.execute("SELECT kind, reason FROM events ORDER BY seq DESC LIMIT 1").fetchall()
        answers = reader.execute("SELECT DISTINCT status, body FROM idempotency").fetchall()
    assert row is not None
    assert row.customer_name == "(removed)"
    assert events == [("forgotten", "on request, by sam")]
    assert [(status, "DATA_REMOVED" in str(body), "Wanda" in str(body)) for status, body in answers] == [
        (410, True, False)
    ]


async def test_what_is_open_is_removed_when_it_ends(floor: ShopFloor) -> None:
    """He came again between the question and the doing."""
    row = await floor.submit("Wanda", email="wanda@example.com")
    (wanda,) = find(floor.reader, "Wanda")
    await floor.store.run(lambda tx: tx.run(f"INSERT INTO removals {VALUES}", (wanda.id, tx.now)))
    await Forgetting(floor.store, None).catch_up()
    assert names(floor.database) == ["Wanda"]
    await floor.complete(floor.ann, row.id)
    await Forgetting(floor.store, None).catch_up()
    assert read_session(floor.reader, row.id).customer_name == "(removed)"  # type: ignore[union-attr]
    assert names(floor.database) == ["(removed)"]
    assert floor.reader.execute("SELECT count(*) FROM removals WHERE done_at IS NULL").fetchall() == [(0,)]
