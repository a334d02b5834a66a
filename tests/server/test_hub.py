"""Hub and replica together: whenever a line is cut, a terminal ends up with what the database holds."""

import asyncio
import json
import tempfile
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from mechtui.feed_line import FRAME_BYTES_LIMIT
from mechtui.frames import Heartbeat, ServerFrame
from mechtui.models import LINE_LIMIT, TEXT_LIMIT, Counts, Session
from mechtui.replica import CountsChanged, EventApplied, Replica, ResyncNeeded, SnapshotApplied
from mechtui.server.db import completed, handover, lists, sessions, triage
from mechtui.server.db.accepts import Accept
from mechtui.server.db.rows import SessionRow, holder_view, offered_view, open_view
from mechtui.server.db.sessions import Mechanic
from mechtui.server.db.tx import Tx
from mechtui.server.hub import BACKLOG_BYTES, Hub
from mechtui.server.refusal import Refusal
from mechtui.server.viewers import Viewer
from tests.server.support import SHOP, ShopFloor, database_url, hire

FRAMES: TypeAdapter[ServerFrame] = TypeAdapter(ServerFrame)


@dataclass
class FakeLine:
    """A line that keeps what was sent."""

    sent: list[str] = field(default_factory=list)
    waiting: int = 0
    ended: str = ""

    def send(self, text: str) -> None:
        self.sent.append(text)

    def backlog(self) -> int:
        return self.waiting

    def close(self, code: int, why: str) -> None:
        self.ended = f"{code} {why}"

    def abort(self) -> None:
        self.ended = "aborted"


@dataclass
class Terminal:
    """A terminal at the hub: a line, a replica fed from it, and the counts last heard."""

    me: Mechanic
    replica: Replica = field(default_factory=Replica)
    counts: Counts = field(default_factory=Counts)
    line: FakeLine = field(default_factory=FakeLine)
    viewer: Viewer | None = None
    seen: list[tuple[str, str, bool]] = field(default_factory=list)
    resyncs: int = 0

    def connect(self, hub: Hub, completed: int, history: int) -> None:
        self.line = FakeLine()
        self.viewer = Viewer(self.me, self.line, completed, history, acked_at=0)
        resume = self.replica.resume
        hub.join(self.viewer, resume.epoch if resume else None, resume.seq if resume else 0)

    def cut(self, hub: Hub) -> None:
        if self.viewer is not None:
            hub.leave(self.viewer)
            self.viewer = None

    def read(self) -> None:
        """Take in what was sent."""
        sent, self.line.sent = self.line.sent, []
        for text in sent:
            self._take(FRAMES.validate_json(text))

    def _take(self, frame: ServerFrame) -> None:
        for update in self.replica.apply(frame):
            match update:
                case EventApplied(event=event):
                    self.seen.append((event.kind, event.session.id, event.gone))
                case CountsChanged(counts=counts) | SnapshotApplied(counts=counts):
                    self.counts = counts
                case _:
                    pass


class Bay:
    """A shop whose commits go to a hub, with terminals of three mechanics."""

    def __init__(self, database: str) -> None:
        self.now = 0.0
        self.floor = ShopFloor(database, publish=lambda batch: self.hub.publish(batch))
        self.hub = Hub(SHOP, self.floor.clock, lambda: self.now)
        self.hub.load(*lists.everything_open(self.floor.reader))
        chatter = hire(self.floor.database, "Cy", "chat")
        self.terminals = [Terminal(me) for me in (self.floor.ann, self.floor.bob, chatter)]

    async def connect(self, terminal: Terminal) -> None:
        terminal.cut(self.hub)
        await self.settle()
        completed, history, _ = lists.ended_counts(self.floor.reader, terminal.me.id)
        terminal.connect(self.hub, completed, history)

    async def settle(self) -> None:
        await self.hub.reach(self.floor.seq)

    def expected_rows(self, me: Mechanic) -> dict[str, Session]:
        """What the database says this mechanic's terminal holds."""
        passed = {session for session, who in lists.open_passes(self.floor.reader) if who == me.id}
        rows = [row for row in lists.open_sessions(self.floor.reader) if _is_his(row, me, passed)]
        return {row.id: Session.model_validate(_view(row, me)) for row in rows}

    def check(self, terminal: Terminal) -> None:
        terminal.read()
        me = terminal.me
        expected = self.expected_rows(me)
        assert terminal.replica.rows == expected
        assert terminal.replica.seq == self.floor.seq
        completed, history, _ = lists.ended_counts(self.floor.reader, me.id)
        active = sum(row.status != "pending" and not row.is_offer for row in expected.values())
        assert terminal.counts == Counts(
            incoming=len(expected) - active, active=active, completed=completed, history=history
        )


def _is_his(row: SessionRow, me: Mechanic, passed: set[str]) -> bool:
    return me.id in (row.mechanic_id, row.offered_to_id) or (
        row.status == "pending" and row.type in me.types and row.id not in passed
    )


def _view(row: SessionRow, me: Mechanic) -> dict[str, object]:
    if row.mechanic_id == me.id:
        return holder_view(row, SHOP)
    return offered_view(row) if row.offered_to_id == me.id else open_view(row)


STEPS = st.tuples(
    st.sampled_from(
        [
            *("submit", "accept", "meet") * 3,
            *("release", "join", "end", "cancel", "rate", "cut", "connect", "read", "sweep", "pass", "undo"),
            *("offer", "offer", "take", "take", "decline", "withdraw"),
        ]
    ),
    st.integers(0, 2),
    st.integers(0, 20),
)


async def _wish(bay: Bay, work: Callable[[Tx], object]) -> None:
    try:
        await bay.floor.store.run(work)
    except Refusal:
        return


async def _play(bay: Bay, steps: list[tuple[str, int, int]]) -> None:
    ids: list[str] = []
    for step, who, number in steps:
        me, terminal = bay.terminals[who].me, bay.terminals[who]
        if step == "submit":
            ids.append((await bay.floor.submit(type=["chat", "video", "diagnostic"][number % 3])).id)
        elif step == "cut":
            terminal.cut(bay.hub)
        elif step == "connect":
            await bay.connect(terminal)
        elif step == "read":
            terminal.read()
        elif step == "sweep":
            bay.floor.clock.forward(number * 60)
            await _wish(bay, sessions.expire_overdue)
        elif ids:
            to = bay.terminals[(who + 1 + number % 2) % 3].me
            for work in _works(step, me, to, ids[-1 - number % min(len(ids), 4)]):
                await _wish(bay, work)


def _works(step: str, me: Mechanic, to: Mechanic, session_id: str) -> list[Callable[[Tx], object]]:
    accept = Accept(me, session_id)
    customer: Callable[[Tx], object] = lambda tx: sessions.join_as_customer(tx, session_id)  # noqa: E731
    mechanic: Callable[[Tx], object] = lambda tx: sessions.join_as_mechanic(tx, me, session_id)  # noqa: E731
    works: dict[str, list[Callable[[Tx], object]]] = {
        "accept": [accept],
        "meet": [accept, customer, mechanic],
        "join": [customer],
        "release": [lambda tx: sessions.release(tx, me, session_id, "")],
        "end": [lambda tx: sessions.end_as_mechanic(tx, me, session_id, "")],
        "cancel": [lambda tx: sessions.cancel(tx, session_id, "")],
        "pass": [lambda tx: triage.pass_on(tx, me, session_id, "")],
        "undo": [lambda tx: triage.undo_pass(tx, me, session_id)],
        "offer": [lambda tx: handover.offer(tx, me, session_id, to.id, "please")],
        "take": [lambda tx: handover.take(tx, me, session_id)],
        "decline": [lambda tx: handover.decline(tx, me, session_id, "no time")],
        "withdraw": [lambda tx: handover.withdraw(tx, me, session_id)],
        "rate": [lambda tx: completed.rate(tx, session_id, 5, None)],
    }
    return works[step]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps=st.lists(STEPS, min_size=5, max_size=60))
def test_every_terminal_converges(steps: list[tuple[str, int, int]]) -> None:
    async def play() -> None:
        with tempfile.TemporaryDirectory() as folder:
            bay = Bay(database_url(Path(folder) / "shop.db"))
            for terminal in bay.terminals:
                await bay.connect(terminal)
            await _play(bay, steps)
            for terminal in bay.terminals:
                if terminal.viewer is None:
                    await bay.connect(terminal)
            await bay.settle()
            bay.hub.beat()
            for terminal in bay.terminals:
                bay.check(terminal)
            await bay.floor.close()

    asyncio.run(play())


@pytest.fixture
async def bay(database: str) -> AsyncIterator[Bay]:
    opened = Bay(database)
    for terminal in opened.terminals:
        await opened.connect(terminal)
        terminal.read()
    yield opened
    await opened.floor.close()


async def test_who_is_told_what(bay: Bay) -> None:
    ann, bob, cy = bay.terminals
    video = (await bay.floor.submit()).id
    await bay.floor.go_live(ann.me, video)
    bay.floor.clock.forward(600)
    await bay.floor.end(ann.me, video)
    await bay.settle()
    for terminal in bay.terminals:
        terminal.read()
    assert [kind for kind, _, _ in ann.seen] == ["created", "accepted", "joined", "joined", "started", "completed"]
    assert bob.seen == [("created", video, False), ("accepted", video, True)]
    assert cy.seen == []


async def test_a_row_that_leaves_says_who_has_it_and_no_more(bay: Bay) -> None:
    video = (await bay.floor.submit()).id
    await bay.floor.accept(bay.floor.ann, video)
    await bay.settle()
    frame = json.loads(bay.terminals[1].line.sent[-1])
    session = frame["events"][0]["session"]
    assert (session["mechanic"]["name"], session["url"], session["join_by"]) == ("Ann", None, None)
    assert "counts" not in frame


async def test_a_gap_is_noticed(bay: Bay) -> None:
    ann = bay.terminals[0]
    await bay.floor.submit()
    await bay.settle()
    ann.line.sent.clear()
    await bay.floor.submit()
    await bay.settle()
    with pytest.raises(ResyncNeeded, match="missing"):
        ann.read()


async def test_a_duplicate_changes_nothing(bay: Bay) -> None:
    ann = bay.terminals[0]
    await bay.floor.submit()
    await bay.settle()
    ann.line.sent *= 3
    ann.read()
    assert len(ann.seen) == 1
    bay.hub.beat()
    bay.check(ann)


async def test_a_row_that_silently_differs_is_noticed_by_the_next_heartbeat(bay: Bay) -> None:
    ann = bay.terminals[0]
    await bay.floor.submit()
    await bay.settle()
    ann.read()
    row = next(iter(ann.replica.rows.values()))
    ann.replica._hold([row.model_copy(update={"version": 9})])
    bay.hub.beat()
    with pytest.raises(ResyncNeeded, match="differ"):
        ann.read()


async def test_another_history_is_not_gone_on_from(bay: Bay) -> None:
    ann = bay.terminals[0]
    ann.replica.epoch = "of a database restored since"
    await bay.connect(ann)
    assert json.loads(ann.line.sent[0])["mode"] == "snapshot"


async def test_a_slow_reader_loses_its_backlog_and_gets_a_snapshot(bay: Bay) -> None:
    ann, bob, _ = bay.terminals
    ann.line.waiting = BACKLOG_BYTES + 1
    for _ in range(3):
        await bay.floor.submit()
    await bay.settle()
    assert ann.line.sent == []
    assert len(bob.line.sent) == 3
    bay.hub.beat()
    assert ann.line.sent == []
    ann.line.waiting = 0
    bay.hub.beat()
    assert json.loads(ann.line.sent[0])["t"] == "lag"
    ann.read()
    bay.check(ann)


async def test_a_reader_that_never_drains_is_let_go(bay: Bay) -> None:
    ann = bay.terminals[0]
    ann.line.waiting = BACKLOG_BYTES + 1
    bay.hub.beat()
    bay.now += 11
    assert ann.viewer is not None
    ann.viewer.acked_at = bay.now
    bay.hub.beat()
    assert ann.line.ended == "aborted"
    assert ann.viewer not in bay.hub.viewers


async def test_a_terminal_that_does_not_answer_is_let_go(bay: Bay) -> None:
    bay.now += 12.1
    bay.hub.beat()
    assert {terminal.line.ended for terminal in bay.terminals} == {"4408 no answer to the heartbeat"}
    assert bay.hub.viewers == set()


async def test_no_frame_is_longer_than_a_terminal_takes(bay: Bay) -> None:
    longest = {"concern": "\N{WRENCH}" * TEXT_LIMIT, "name": "\N{WRENCH}" * LINE_LIMIT}
    longest |= dict.fromkeys(("year", "make", "model", "vin", "plate", "odometer"), "\N{WRENCH}" * LINE_LIMIT)
    await asyncio.gather(*(bay.floor.submit(**longest) for _ in range(30)))
    await bay.settle()
    ann, bob, _ = bay.terminals
    assert 1 < len(ann.line.sent) <= 60
    await bay.connect(bob)
    assert max(len(text.encode()) for terminal in (ann, bob) for text in terminal.line.sent) < FRAME_BYTES_LIMIT
    bay.hub.beat()
    bay.check(ann)
    bay.check(bob)


async def test_a_heartbeat_is_of_the_hubs_position(bay: Bay) -> None:
    await bay.floor.submit()
    await bay.settle()
    bay.hub.beat()
    beat = FRAMES.validate_json(bay.terminals[0].line.sent[-1])
    assert isinstance(beat, Heartbeat)
    assert (beat.seq, beat.counts.incoming) == (1, 1)
