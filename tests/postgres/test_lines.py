"""Lines to the server that are lost: what was promised holds, and the backend goes on by itself."""

import asyncio
import contextlib
import itertools
import json
import signal
from collections.abc import Callable, Coroutine
from typing import Any

import asyncpg
import pytest

from mechtui.server import app
from mechtui.server.db import lists
from mechtui.server.db.accepts import Accept
from mechtui.server.db.answers import Reply, Ticket
from mechtui.server.db.errors import DatabaseBusyError, OutcomeUnknownError
from mechtui.server.db.events import Batch
from mechtui.server.db.postgres import listening
from mechtui.server.db.postgres.connection import LineLostError, PostgresConnection
from mechtui.server.db.postgres.serving import ServingConnection
from mechtui.server.db.rows import SessionRow
from mechtui.server.demo.own_postgres import OwnServer
from tests.engines import open_to_write
from tests.rules.audit import findings
from tests.server.live import Shop, open_shop
from tests.server.support import ShopFloor

PATIENCE = 30.0
CUT = "SELECT pg_terminate_backend(pid, 2000) FROM pg_stat_activity WHERE datname = 'shop' AND {}"
WRITER = CUT.format("application_name LIKE 'mechtui %'")
READERS = CUT.format("application_name = 'mechtui'")


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not holds():  # noqa: ASYNC110 - the writer's thread tells nobody
            await asyncio.sleep(0.01)


async def eventually(floor: ShopFloor) -> SessionRow:
    """A request submitted as one does it: again and again, while the database cannot be had."""
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                return await floor.submit()
            except DatabaseBusyError:
                await asyncio.sleep(0.02)


def answered(floor: ShopFloor, request: SessionRow) -> "asyncio.Future[Reply]":
    ticket = Ticket("mechanic:ann", "key", "print")
    return floor.store.answer(ticket, Accept(floor.ann, request.id), lambda row: row.status)


async def test_a_writer_whose_line_was_cut_takes_another(floor: ShopFloor, admin: PostgresConnection) -> None:
    await floor.submit()
    for _ in range(3):
        admin.execute(WRITER)
        await eventually(floor)
    assert [event.seq for event in await floor.events()] == [1, 2, 3, 4]


async def test_readers_whose_lines_were_cut_take_others(floor: ShopFloor, admin: PostgresConnection) -> None:
    await floor.submit()
    for _ in range(3):
        admin.execute(READERS)
        found = await asyncio.gather(*(floor.store.read(lists.open_sessions) for _ in range(8)))
        assert [len(rows) for rows in found] == [1] * 8


async def test_a_job_cut_in_the_middle_was_not_done(floor: ShopFloor, admin: PostgresConnection) -> None:
    def cut_off(tx: Any) -> None:
        tx.run("INSERT INTO customers (id, name, created_at) VALUES ('half', 'done', ?)", (tx.now,))
        admin.execute(WRITER)
        tx.run("SELECT 1")

    with pytest.raises(DatabaseBusyError):
        await floor.store.run(cut_off)
    await eventually(floor)
    assert floor.reader.execute("SELECT count(*) FROM customers WHERE id = 'half'").fetchall() == [(0,)]


@pytest.mark.parametrize("happened", [True, False])
async def test_of_a_commit_that_was_not_answered_the_outcome_is_unknown_until_it_is_known(
    floor: ShopFloor, monkeypatch: pytest.MonkeyPatch, happened: bool
) -> None:
    request = await floor.submit()
    command = ServingConnection.command

    def cut_in_commit(self: ServingConnection, sql: str) -> str:
        if sql != "COMMIT":
            return command(self, sql)
        monkeypatch.undo()
        if happened:
            command(self, sql)
        self.drop()
        raise LineLostError("cut")

    monkeypatch.setattr(ServingConnection, "command", cut_in_commit)
    with pytest.raises(OutcomeUnknownError):
        await answered(floor, request)
    if happened:
        await until(lambda: floor.batches[-1].seq_to == 2)
    again = await answered(floor, request)
    assert (again.status, again.body, again.replayed) == (200, "waiting", happened)
    assert [(event.seq, event.kind) for event in await floor.events()] == [(1, "created"), (2, "accepted")]


@pytest.mark.parametrize("ask", range(8))
async def test_a_line_whose_end_was_heard_between_two_statements_is_a_lost_one(
    floor: ShopFloor, monkeypatch: pytest.MonkeyPatch, ask: int
) -> None:
    """The driver has words of its own for it, at whichever statement it is noticed."""
    await floor.submit()
    run, asked = ServingConnection._run, itertools.count()

    def heard_the_end(self: ServingConnection, work: Coroutine[Any, Any, Any]) -> Any:
        if next(asked) != ask:
            return run(self, work)
        work.close()
        raise asyncpg.InternalClientError("cannot switch to state 12; another operation (2) is in progress")

    monkeypatch.setattr(ServingConnection, "_run", heard_the_end)
    with contextlib.suppress(DatabaseBusyError, OutcomeUnknownError):
        await floor.submit()
    assert next(asked) > ask, "a submit has fewer statements than one would think"
    monkeypatch.undo()
    await eventually(floor)
    seqs = [event.seq for event in await floor.events()]
    assert seqs == list(range(1, len(seqs) + 1))
    assert findings(floor.reader) == {}


async def test_a_line_lost_at_the_undoing_of_a_transaction_stops_nobody(
    floor: ShopFloor, admin: PostgresConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    await floor.submit()

    def fails(self: ServingConnection, batch: Batch) -> None:
        monkeypatch.undo()
        admin.execute(WRITER)
        raise asyncpg.PostgresError("whatever the server says last")

    monkeypatch.setattr(ServingConnection, "announce", fails)
    with pytest.raises(DatabaseBusyError):
        await floor.submit()
    await eventually(floor)


async def test_a_server_that_is_restarted_is_found_again(floor: ShopFloor, server: OwnServer) -> None:
    await floor.submit()
    for how in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        floor.reader.close()
        server.stop(how)
        with pytest.raises((DatabaseBusyError, OutcomeUnknownError)):
            await floor.submit()
        with pytest.raises(DatabaseBusyError):
            await floor.store.read(lists.open_sessions)
        server.start()
        floor.reader = open_to_write(floor.database)
        await eventually(floor)
    assert [event.seq for event in await floor.events()] == [1, 2, 3, 4]
    assert findings(floor.reader) == {}


async def test_nothing_acknowledged_is_lost_when_the_server_is_killed(floor: ShopFloor, server: OwnServer) -> None:
    acknowledged: list[str] = []
    over = asyncio.Event()

    async def customer() -> None:
        while not over.is_set():
            try:
                acknowledged.append((await floor.submit()).id)
            except (DatabaseBusyError, OutcomeUnknownError):
                await asyncio.sleep(0.02)

    customers = [asyncio.create_task(customer()) for _ in range(8)]
    for kills in range(1, 4):
        await until(lambda: len(acknowledged) >= 40 * kills)  # noqa: B023 - is over before the next round
        server.stop(signal.SIGKILL)
        server.start()
    over.set()
    await asyncio.gather(*customers)
    await eventually(floor)
    floor.reader.close()
    floor.reader = open_to_write(floor.database)
    stored = {session_id for (session_id,) in floor.reader.execute("SELECT id FROM sessions")}
    assert set(acknowledged) <= stored
    assert findings(floor.reader) == {}
    published = [event.seq for event in await floor.events()]
    assert published == list(range(1, len(stored) + 1))


async def test_over_http_it_is_said_to_be_away_and_comes_back(shop: Shop, server: OwnServer) -> None:
    session_id = await shop.submit()
    server.stop()
    for answer in (await shop.accept(session_id), await shop.get("/api/mechanic/requests?status=pending")):
        assert (answer.status_code, answer.json()["code"]) == (503, "UNAVAILABLE")
    health = await shop.http.get("/api/health")
    assert (health.status_code, health.json()["why"]) == (503, "the database cannot be had")
    server.start()
    assert (await shop.accept(session_id)).status_code == 200
    assert (await shop.http.get("/api/health")).status_code == 200
    assert shop.stopped == []


@pytest.mark.parametrize("error", [OSError, asyncpg.InterfaceError, asyncpg.InternalClientError])
async def test_whoever_listens_goes_on_whatever_the_driver_says_of_a_line_that_ends(
    database: str, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    monkeypatch.setattr(listening, "RETRY_SECONDS", 0)
    add_listener = asyncpg.Connection.add_listener
    failed: list[asyncpg.Connection] = []

    async def fails_once(line: asyncpg.Connection, *given: Any) -> None:
        if not failed:
            failed.append(line)
            raise error("the line has ended")
        await add_listener(line, *given)

    monkeypatch.setattr(asyncpg.Connection, "add_listener", fails_once)
    awake = asyncio.Event()
    listens = asyncio.create_task(listening.listen(database, awake.set))
    waits = asyncio.create_task(awake.wait())
    await asyncio.wait({listens, waits}, return_when=asyncio.FIRST_COMPLETED)
    assert failed
    assert not listens.done()
    listens.cancel()


async def test_that_the_database_is_away_stands_in_the_log(
    database: str, server: OwnServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(app, "HEARTBEAT_SECONDS", 0.05)
    heard: list[str] = []
    said: list[str] = []

    def has_said(event: str) -> bool:
        said.extend(capsys.readouterr().err.splitlines())
        return any(f'"event":"{event}"' in line for line in said)

    async with open_shop(database, log="json") as shop:
        for _ in range(2):
            heard.extend(said)
            said.clear()
            server.stop()
            await until(lambda: has_said("database_away"))
            server.start()
            await until(lambda: has_said("database_back"))
        assert shop.stopped == []
    told = [line for line in map(json.loads, heard + said) if line["event"] in ("database_away", "database_back")]
    assert all(line["why"] for line in told[::2])
    assert [line["event"] for line in told] == ["database_away", "database_back"] * (len(told) // 2)
