"""The writer: one transaction a batch, one place in the feed a commit, the truth or nothing."""

import asyncio
import json
from typing import Any

import apsw
import pytest

from mechtui.models import Code
from mechtui.server.db import commits, sessions
from mechtui.server.db.accepts import Accept
from mechtui.server.db.answers import Reply, Ticket
from mechtui.server.db.connection import WritingConnection
from mechtui.server.db.errors import WriterStoppedError
from mechtui.server.db.events import Batch
from mechtui.server.db.rows import SessionRow
from mechtui.server.db.tx import Tx
from mechtui.server.db.writer import Writer
from mechtui.server.refusal import Refusal
from tests.server.support import ShopFloor


def ticket(key: str = "k", fingerprint: str = "f", principal: str = "mechanic:ann") -> Ticket:
    return Ticket(principal, key, fingerprint)


async def answered(floor: ShopFloor, request: SessionRow, given: Ticket) -> Reply:
    return await floor.store.answer(
        given, Accept(floor.ann, request.id), lambda row: json.dumps({"version": row.version})
    )


async def test_jobs_that_wait_share_one_commit(floor: ShopFloor) -> None:
    await asyncio.gather(*(floor.submit() for _ in range(200)))
    assert len(await floor.events()) == 200
    assert len(floor.batches) < 50
    assert all(len(batch.events) <= 64 for batch in floor.batches)


async def test_places_in_the_feed_have_no_holes(floor: ShopFloor) -> None:
    requests = await asyncio.gather(*(floor.submit(email="jo@example.com") for _ in range(50)), return_exceptions=True)
    assert sum(isinstance(request, Refusal) for request in requests) == 49
    await asyncio.gather(*(floor.submit() for _ in range(50)))
    await floor.events()
    seqs = [seq for (seq,) in floor.reader.execute("SELECT seq FROM events ORDER BY seq")]
    assert seqs == list(range(1, 52))
    assert [(b.seq_from, b.seq_to) for b in floor.batches[1:]] == [
        (a.seq_to, b.seq_to) for a, b in zip(floor.batches, floor.batches[1:], strict=False)
    ]


async def test_a_job_that_fails_undoes_itself_alone(floor: ShopFloor) -> None:
    def broken(tx: Tx) -> None:
        tx.run("INSERT INTO customers (id, name, created_at) VALUES ('half', 'done', ?)", (tx.now,))
        raise LookupError("a mistake in the code")

    before, failed, after = await asyncio.gather(
        floor.submit(), floor.store.run(broken), floor.submit(), return_exceptions=True
    )
    assert isinstance(failed, LookupError)
    assert isinstance(before, SessionRow)
    assert isinstance(after, SessionRow)
    assert floor.reader.execute("SELECT count(*) FROM customers WHERE id = 'half'").fetchall() == [(0,)]


async def test_nothing_is_published_before_it_is_durable(floor: ShopFloor) -> None:
    seen: list[int] = []

    def publish(batch: Batch) -> None:
        seen.append(floor.seq - batch.seq_to)

    floor.store._writer._publish = publish
    await asyncio.gather(*(floor.submit() for _ in range(100)))
    await asyncio.sleep(0)
    assert seen
    assert min(seen) >= 0


async def test_one_key_one_answer(floor: ShopFloor) -> None:
    request = await floor.submit()
    first = await answered(floor, request, ticket())
    again = await answered(floor, request, ticket())
    assert (first.status, first.body, first.replayed) == (200, '{"version": 2}', False)
    assert again == Reply(200, first.body, replayed=True)


async def test_one_key_one_answer_in_one_commit(floor: ShopFloor) -> None:
    request, other = await floor.submit(), await floor.submit()
    beside = asyncio.ensure_future(floor.accept(floor.bob, other.id))
    first, *again = await asyncio.gather(*(answered(floor, request, ticket()) for _ in range(3)))
    await beside
    assert (first.status, first.body, first.replayed) == (200, '{"version": 2}', False)
    assert again == [Reply(200, first.body, replayed=True)] * 2
    assert [event.kind for event in await floor.events()].count("accepted") == 2
    assert floor.reader.execute("SELECT count(*) FROM idempotency").fetchall() == [(1,)]


async def test_the_stored_answer_comes_before_a_refusal_that_would_not_be_stored(floor: ShopFloor) -> None:
    request = await floor.submit(type="video")
    first = await answered(floor, request, ticket())
    await floor.store.run(lambda tx: sessions.release(tx, floor.ann, request.id, ""))
    chats_only = floor.ann._replace(types=("chat",))
    again = await floor.store.answer(ticket(), Accept(chats_only, request.id), lambda row: "")
    assert again == Reply(200, first.body, replayed=True)
    with pytest.raises(Refusal, match="another request"):
        await floor.store.answer(ticket(fingerprint="x"), Accept(chats_only, request.id), str)


async def test_a_refusal_is_an_answer_too(floor: ShopFloor) -> None:
    request = await floor.submit()
    await floor.accept(floor.bob, request.id)
    first = await answered(floor, request, ticket())
    await floor.store.run(lambda tx: sessions.release(tx, floor.bob, request.id, ""))
    again = await answered(floor, request, ticket())
    assert (first.status, json.loads(first.body)["code"]) == (409, Code.ALREADY_TAKEN)
    assert again.replayed
    assert again.body == first.body


async def test_one_key_for_two_wishes_is_refused(floor: ShopFloor) -> None:
    one, two = await floor.submit(), await floor.submit()
    await answered(floor, one, ticket())
    with pytest.raises(Refusal) as refused:
        await answered(floor, two, ticket(fingerprint="another"))
    assert (refused.value.status, refused.value.code) == (422, Code.IDEMPOTENCY_KEY_REUSED)


async def test_keys_are_everybodys_own(floor: ShopFloor) -> None:
    request = await floor.submit()
    await answered(floor, request, ticket())
    other = await answered(floor, request, ticket(principal="mechanic:bob"))
    assert not other.replayed


async def test_an_answer_that_is_not_final_is_not_stored(floor: ShopFloor) -> None:
    def refused(tx: Tx) -> SessionRow:
        raise Refusal(403, Code.NOT_ELIGIBLE, "no")

    for _ in range(2):
        with pytest.raises(Refusal):
            await floor.store.answer(ticket(), refused, lambda row: "")
    assert floor.reader.execute("SELECT count(*) FROM idempotency").fetchall() == [(0,)]


class FailingConnection:
    """A connection whose commit fails as a dying disk makes it."""

    def __init__(self, real: WritingConnection) -> None:
        self._real = real

    def commit(self) -> None:
        raise apsw.IOError("disk I/O error")

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


async def test_a_failed_commit_stops_the_writer_and_promises_nothing(floor: ShopFloor) -> None:
    failures: list[Exception] = []
    stopping: Writer = floor.store._writer
    stopping._failed = failures.append
    stopping._commits._connection = FailingConnection(stopping._commits._connection)  # type: ignore[assignment]
    for _ in range(2):
        with pytest.raises(WriterStoppedError):
            await floor.submit()
    assert isinstance(failures[0], apsw.IOError)
    assert floor.batches == []


async def test_a_mistake_in_the_writer_itself_leaves_nobody_waiting(
    floor: ShopFloor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise LookupError("a mistake in the code")

    failures: list[Exception] = []
    monkeypatch.setattr(commits, "append", broken)
    monkeypatch.setattr(floor.store._writer, "_failed", failures.append)
    with pytest.raises(WriterStoppedError):
        await asyncio.wait_for(floor.submit(), 5)
    assert isinstance(failures[0], LookupError)


async def test_what_is_queued_at_the_end_is_carried_out(floor: ShopFloor) -> None:
    wishes = [asyncio.ensure_future(floor.submit()) for _ in range(20)]
    await asyncio.sleep(0)
    await floor.store.close()
    assert [row.status for row in await asyncio.gather(*wishes)] == ["pending"] * 20
    floor.store = floor.open()
    assert len(floor.reader.execute("SELECT id FROM sessions").fetchall()) == 20
