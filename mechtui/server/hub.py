"""The hub: what is open right now, and who is told.

It holds every open session in memory as of one position of the feed, moved on by each commit's batch. A terminal's
snapshot is thus of one moment without reading the database, and what a batch means for a terminal is worked out
once for all that see the same. Rules: `docs/protocol.md`.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import takewhile
from typing import Any

from mechtui.frames import DEAD_SECONDS, HEARTBEAT_SECONDS
from mechtui.models import API_VERSION, Kind, Status
from mechtui.replica import digest_text
from mechtui.server import readers
from mechtui.server.clock import Clock, stamp
from mechtui.server.db.events import Batch, Event
from mechtui.server.db.rows import SessionRow, Shop
from mechtui.server.db.sessions import Mechanic
from mechtui.server.open_sessions import OpenSessions
from mechtui.server.viewers import Viewer
from mechtui.server.views import Views, chunked
from mechtui.server.wire import to_json

RING_EVENTS = 2_000
"""Events kept for terminals that come back; one that was away longer gets a snapshot."""
BACKLOG_BYTES = 512 * 1024
"""What may wait unread for one terminal before its backlog is dropped."""
DRAINED_BYTES = 16 * 1024
_MOVES_PASSES = {Kind.PASSED, Kind.PASS_UNDONE, Kind.HANDED_OVER}
"""Whoever takes a session over no longer passes on it."""
GIVE_UP_SECONDS = 10.0
"""A terminal whose line does not drain for this long is let go."""


class Hub:
    """The open sessions at `seq` of `epoch`, the last events, and the terminals."""

    def __init__(self, shop: Shop, clock: Clock, steady: Callable[[], float]) -> None:
        self.epoch = ""
        self.seq = 0
        self.viewers: set[Viewer] = set()
        self.audit: dict[str, int] | None = None
        """What `Audit` says, once the database was looked through."""
        self._clock = clock
        self.steady = steady
        self._open = OpenSessions()
        self._shop = shop
        self._views = Views(self._open, shop)
        self._ring: deque[Event] = deque(maxlen=RING_EVENTS)
        self._floor = 0
        self._moved = asyncio.Event()

    def load(self, epoch: str, seq: int, rows: Iterable[SessionRow], passes: Iterable[tuple[str, str]] = ()) -> None:
        """Begin with the open sessions, and the passes (session, mechanic) on them, read at this position."""
        self.epoch, self.seq, self._floor = epoch, seq, seq
        for row in rows:
            self._open.put(row)
        for session_id, mechanic_id in passes:
            self._open.mark_passed(session_id, mechanic_id, passed=True)

    def begin_anew(
        self, epoch: str, seq: int, rows: Iterable[SessionRow], passes: Iterable[tuple[str, str]] = ()
    ) -> None:
        """Forget everything, begin here, and let all terminals go: each comes back and is told what is open."""
        for viewer in list(self.viewers):
            viewer.line.close(1012, "the backend had to begin anew")
            self.leave(viewer)
        self._open = OpenSessions()
        self._views = Views(self._open, self._shop)
        self._ring.clear()
        self.load(epoch, seq, rows, passes)
        self._moved.set()
        self._moved = asyncio.Event()

    def overdue(self, now: str) -> bool:
        """Whether a pending request has passed its time."""
        return any(row.status == Status.PENDING and row.expires_at <= now for row in self._open.rows.values())

    def open_count(self, *statuses: str) -> int:
        """How many open sessions have one of these."""
        return sum(row.status in statuses for row in self._open.rows.values())

    def audited(self, lost: int, of: int) -> None:
        """The database was looked through: how many sessions are lost, of how many. The next heartbeats say it."""
        self.audit = {"lost": lost, "of": of}

    def lost_count(self) -> int:
        """How many sessions were lost at the last look; none before the first."""
        return self.audit["lost"] if self.audit is not None else 0

    # --- a commit -------------------------------------------------------------------------------------------

    def publish(self, batch: Batch) -> None:
        """Take in one commit's events and tell every terminal what it may see of them."""
        batch = replace(batch, events=tuple(map(self._take, batch.events)))
        self._remember(batch)
        self.seq = batch.seq_to
        self._moved.set()
        self._moved = asyncio.Event()
        shared: dict[tuple[str, ...], list[str]] = {}
        concerned = self._concerned(batch.events)
        for viewer in self.viewers:
            me = viewer.mechanic
            if me.id in concerned:
                frames = self._own_deltas(batch, viewer)
            elif me.types in shared:
                frames = shared[me.types]
            else:
                frames = shared[me.types] = self._views.deltas(batch.seq_from, batch.seq_to, batch.events, me)
            for frame in frames:
                self._write(viewer, frame)

    def _take(self, event: Event) -> Event:
        """Move the open sessions on by one event; gives it with whom an offer was taken from."""
        before = self._open.rows.get(event.row.id)
        self._open.put(event.row)
        if event.mechanic_id is not None and event.kind in _MOVES_PASSES:
            self._open.mark_passed(event.row.id, event.mechanic_id, passed=event.kind == Kind.PASSED)
        ended = before is not None and before.offered_to_id != event.row.offered_to_id
        return event._replace(offer_was=before.offered_to_id) if before is not None and ended else event

    def _concerned(self, events: Iterable[Event]) -> set[str]:
        """Mechanics who see something of these events that the others do not."""
        named = (
            (event.mechanic_id, event.other_id, event.offer_was, event.row.mechanic_id, event.row.offered_to_id)
            for event in events
        )
        actors = {name for names in named for name in names if name}
        return actors.union(*(self._open.passed_by.get(event.row.id, ()) for event in events))

    def _remember(self, batch: Batch) -> None:
        self._ring.extend(batch.events)
        if len(self._ring) == RING_EVENTS:
            self._floor = max(self._floor, self._ring[0].seq - 1)

    def _own_deltas(self, batch: Batch, viewer: Viewer) -> list[str]:
        for event in batch.events:
            viewer.count(event)
        return self._views.deltas(batch.seq_from, batch.seq_to, batch.events, viewer.mechanic, self.counts(viewer))

    # --- a terminal -----------------------------------------------------------------------------------------

    async def reach(self, seq: int) -> None:
        """Wait until the hub has taken in all events up to `seq`, which is durable already."""
        while self.seq < seq:
            await self._moved.wait()

    def catch_up(self, viewer: Viewer, counted_to: int) -> None:
        """Bring a viewer's counts, read at `counted_to`, to where the hub is."""
        for event in self._since(counted_to):
            viewer.count(event)

    def join(self, viewer: Viewer, resume_epoch: str | None, resume_seq: int) -> None:
        """Serve a terminal from now on: first what it missed, or everything open."""
        known = resume_epoch == self.epoch and self._floor <= resume_seq <= self.seq
        me = viewer.mechanic
        viewer.line.send(to_json(self._welcome(viewer, "resume" if known else "snapshot")))
        if not known:
            self._send_snapshot(viewer)
        elif resume_seq < self.seq:
            missed = self._since(resume_seq)
            for frame in self._views.deltas(resume_seq, self.seq, missed, me, self.counts(viewer)):
                viewer.line.send(frame)
        self.viewers.add(viewer)
        for session_id in {other.reading for other in self.viewers if other.reading is not None}:
            self._tell_readers(session_id, [viewer])

    def _since(self, seq: int) -> list[Event]:
        """The events after `seq`, newest looked at first: few are ever asked for."""
        newer = takewhile(lambda event: event.seq > seq, reversed(self._ring))
        return list(newer)[::-1]

    def leave(self, viewer: Viewer) -> None:
        """The terminal is gone."""
        self.viewers.discard(viewer)
        self.read(viewer, None)

    def read(self, viewer: Viewer, session_id: str | None) -> None:
        """A terminal shows the intake of this session now, or of none: the others who may take it are told."""
        before, viewer.reading = viewer.reading, session_id
        for changed in {before, session_id} - {None}:
            self._tell_readers(changed, self.viewers)

    def tell_availability(self, mechanic_id: str, availability: str | None) -> None:
        """A mechanic said how he is: all his terminals hear it at once. Nothing of one who was revoked meanwhile."""
        now = stamp(self._clock())
        for viewer in self.viewers:
            if availability is not None and viewer.mechanic.id == mechanic_id:
                viewer.availability = availability
                self._write(viewer, self._heartbeat(viewer, now))

    def _tell_readers(self, session_id: str | None, viewers: Iterable[Viewer]) -> None:
        row = self._open.rows.get(session_id or "")
        if row is None or row.status != Status.PENDING:
            return
        for viewer in viewers:
            if self._open.waits_for(row, viewer.mechanic):
                self._write(viewer, readers.frame(self.viewers, row.id, viewer.mechanic.id))

    def snapshot(self, viewer: Viewer) -> dict[str, Any]:
        """All a terminal holds, at once; for plain HTTP."""
        sessions = self._views.rows(viewer.mechanic)
        return {
            "epoch": self.epoch,
            "seq": self.seq,
            "now": stamp(self._clock()),
            "me": {"id": viewer.mechanic.id, "name": viewer.mechanic.name},
            "availability": viewer.availability,
            "audit": self.audit,
            "sessions": sessions,
            "digest": self._digest(viewer.mechanic),
            "counts": self.counts(viewer),
        }

    def counts(self, viewer: Viewer) -> dict[str, int]:
        """The four numbers in the tabs, at `seq`."""
        return {
            "incoming": self._open.queue_count(viewer.mechanic) + len(self._open.offered[viewer.mechanic.id]),
            "active": len(self._open.held[viewer.mechanic.id]),
            "completed": viewer.completed,
            "history": viewer.history,
        }

    def _welcome(self, viewer: Viewer, mode: str) -> dict[str, Any]:
        return {
            "t": "welcome",
            "api": API_VERSION,
            "epoch": self.epoch,
            "seq": self.seq,
            "now": stamp(self._clock()),
            "heartbeat": HEARTBEAT_SECONDS,
            "mode": mode,
            "me": {"id": viewer.mechanic.id, "name": viewer.mechanic.name},
            "counts": self.counts(viewer),
            "availability": viewer.availability,
            "audit": self.audit,
        }

    def _send_snapshot(self, viewer: Viewer) -> None:
        sessions = self._views.rows(viewer.mechanic)
        for part in chunked([to_json(session) for session in sessions], len):
            viewer.line.send(f'{{"t":"snapshot","seq":{self.seq},"sessions":[{",".join(part)}]}}')
        end = {"t": "snapshot_end", "seq": self.seq, "rows": len(sessions), "digest": self._digest(viewer.mechanic)}
        viewer.line.send(to_json(end | {"counts": self.counts(viewer)}))

    def _digest(self, me: Mechanic) -> str:
        return digest_text(self._open.digest(me))

    # --- time -----------------------------------------------------------------------------------------------

    def beat(self) -> None:
        """Every five seconds: prove freshness to the terminals that read, let go those that do not answer."""
        now, at = stamp(self._clock()), self.steady()
        for viewer in list(self.viewers):
            if at - viewer.acked_at > DEAD_SECONDS:
                viewer.line.close(4408, "no answer to the heartbeat")
                self.leave(viewer)
            elif viewer.lagging_since is not None:
                self._help_up(viewer, at)
            else:
                self._write(viewer, self._heartbeat(viewer, now))

    def _heartbeat(self, viewer: Viewer, now: str) -> str:
        beat: dict[str, Any] = {"t": "heartbeat", "seq": self.seq, "now": now, "digest": self._digest(viewer.mechanic)}
        beat |= {"counts": self.counts(viewer), "availability": viewer.availability, "audit": self.audit}
        return to_json(beat)

    def _write(self, viewer: Viewer, frame: str) -> None:
        """Send, unless the terminal reads too slowly: then nothing more until its line has drained."""
        if viewer.lagging_since is not None:
            return
        if viewer.line.backlog() > BACKLOG_BYTES:
            viewer.lagging_since = self.steady()
            return
        viewer.line.send(frame)

    def _help_up(self, viewer: Viewer, at: float) -> None:
        if viewer.line.backlog() <= DRAINED_BYTES:
            viewer.lagging_since = None
            viewer.line.send(to_json({"t": "lag"}))
            self._send_snapshot(viewer)
        elif viewer.lagging_since is not None and at - viewer.lagging_since > GIVE_UP_SECONDS:
            viewer.line.abort()
            self.leave(viewer)

    def farewell(self, why: str, retry_in: float) -> None:
        """Tell every terminal that the backend is about to close."""
        bye = to_json({"t": "bye", "code": "RESTART", "why": why, "retry_in": retry_in})
        for viewer in self.viewers:
            self._write(viewer, bye)
