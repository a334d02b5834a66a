"""What one terminal holds of the feed: the rules of `docs/protocol.md`, without any I/O.

`Replica.apply` takes the server's frames in the order they came and says what changed. When a frame proves that
something was missed it raises `ResyncNeeded`; the rows held so far stay, to be shown as old until the next snapshot
replaces them in one step.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import blake2b

from mechtui.frames import (
    Bye,
    Delta,
    FeedEvent,
    Heartbeat,
    Lag,
    ReadBy,
    Resume,
    ServerFrame,
    Snapshot,
    SnapshotEnd,
    SnapshotPart,
    Welcome,
)
from mechtui.models import ACTIVE, Audit, Counts, Person, Session, Status

_DIGEST_MODULUS = 1 << 64


class LinkState(StrEnum):
    """How far the screen can be trusted; shown in words, always."""

    CONNECTING = "connecting"
    LIVE = "live"
    CATCHING_UP = "catching up"
    POLLING = "polling"
    READ_ONLY = "read-only"
    STALE = "stale"
    OFFLINE = "offline"
    SIGNED_OUT = "signed out"
    TOO_OLD = "too old"


@dataclass(frozen=True)
class LinkChanged:
    """The line to the backend is in another state; `why` is for people, `retry_in` in seconds."""

    state: LinkState
    why: str = ""
    retry_in: float | None = None


@dataclass(frozen=True)
class SnapshotApplied:
    """All rows were replaced by these, which are of one moment in the history `epoch`."""

    epoch: str
    seq: int
    sessions: tuple[Session, ...]
    counts: Counts
    me: Person


@dataclass(frozen=True)
class EventApplied:
    """One event was taken in. Its row may be one already held (`news` false): the event still happened."""

    event: FeedEvent
    news: bool


@dataclass(frozen=True)
class CountsChanged:
    """The server's counts, of the moment `seq`."""

    counts: Counts
    seq: int


@dataclass(frozen=True)
class Fresh:
    """Proof that the rows held are the server's at its time `now`."""

    now: datetime
    seq: int


@dataclass(frozen=True)
class ReadersChanged:
    """Who else has the intake of a request open, by name."""

    session_id: str
    by: tuple[str, ...]


@dataclass(frozen=True)
class AvailabilityTold:
    """How this mechanic said he is, on whichever of his terminals."""

    availability: str


@dataclass(frozen=True)
class AuditTold:
    """How many sessions the backend found lost when it last looked its database through; `None` before it has."""

    audit: Audit | None


Update = (
    AuditTold | AvailabilityTold | ReadersChanged | LinkChanged | SnapshotApplied | EventApplied | CountsChanged | Fresh
)


class ResyncNeeded(Exception):  # noqa: N818 - a turn in the protocol, not an error
    """Something was missed; only a snapshot helps."""


def row_digest(session_id: str, version: int) -> int:
    """One row's part of the digest."""
    return int.from_bytes(blake2b(f"{session_id}:{version}".encode(), digest_size=8).digest())


def digest_of(rows: Iterable[tuple[str, int]]) -> str:
    """The digest of (id, version) pairs: a sum, so free of order."""
    return digest_text(sum(row_digest(session_id, version) for session_id, version in rows))


def digest_text(total: int) -> str:
    """A running sum of `row_digest`s as it goes over the wire."""
    return f"{total % _DIGEST_MODULUS:016x}"


def is_held(session: Session, me: str) -> bool:
    """Whether a terminal of mechanic `me` holds this row: it is open and he did not pass on it, his and not ended, or
    offered to him.

    A status this version does not know is held while the row is his: hiding it would lose a session.
    """
    if session.status == Status.PENDING:
        return not session.passed
    mine = session.mechanic is not None and session.mechanic.id == me
    return session.is_offer or (mine and (session.status in ACTIVE or session.status not in set(Status)))


@dataclass
class Replica:
    """The rows one terminal holds, and how far they reach."""

    rows: dict[str, Session] = field(default_factory=dict)
    epoch: str | None = None
    seq: int = 0
    me: Person = field(default_factory=lambda: Person(id="", name=""))
    _digest: int = 0
    _shadow: list[Session] | None = None

    @property
    def resume(self) -> Resume | None:
        """Where to go on from, or nothing when only a snapshot will do."""
        if self.epoch is None or self._shadow is not None:
            return None
        return Resume(epoch=self.epoch, seq=self.seq)

    @property
    def digest(self) -> str:
        """The digest of the rows held."""
        return digest_text(self._digest)

    def forget_position(self) -> None:
        """Ask for a snapshot next time; the rows stay until it has come."""
        self.epoch = None
        self._shadow = None

    def apply(self, frame: ServerFrame) -> list[Update]:
        """Take in one frame. Raises `ResyncNeeded` when it shows that something was missed."""
        if self.epoch is None and not isinstance(frame, Welcome | Bye):
            raise ResyncNeeded("the welcome is missing")
        match frame:
            case Welcome():
                return [*self._welcome(frame), AvailabilityTold(frame.availability), AuditTold(frame.audit)]
            case SnapshotPart():
                self._collect(frame)
                return []
            case SnapshotEnd():
                return self._swap(frame)
            case Delta():
                return self._delta(frame)
            case Heartbeat():
                return [*self._heartbeat(frame), AvailabilityTold(frame.availability), AuditTold(frame.audit)]
            case ReadBy():
                return [ReadersChanged(frame.session, frame.by)]
            case Lag():
                self._shadow = []
                return [LinkChanged(LinkState.CATCHING_UP, "this terminal read too slowly")]
            case _:
                return []

    def adopt(self, snapshot: Snapshot) -> list[Update]:
        """Take in a snapshot that came over plain HTTP."""
        self.me, self.epoch, self.seq = snapshot.me, snapshot.epoch, snapshot.seq
        self._shadow = None
        self._hold(snapshot.sessions)
        return [
            SnapshotApplied(snapshot.epoch, snapshot.seq, snapshot.sessions, snapshot.counts, snapshot.me),
            Fresh(snapshot.now, snapshot.seq),
            AvailabilityTold(snapshot.availability),
            AuditTold(snapshot.audit),
        ]

    def _welcome(self, frame: Welcome) -> list[Update]:
        self.me = frame.me
        if frame.mode == "snapshot":
            self._shadow = []
            self.epoch = frame.epoch
            return [LinkChanged(LinkState.CATCHING_UP)]
        return [CountsChanged(frame.counts, frame.seq)] if frame.seq == self.seq else []

    def _collect(self, frame: SnapshotPart) -> None:
        if self._shadow is None:
            self._shadow = []
        self._shadow.extend(frame.sessions)

    def _swap(self, frame: SnapshotEnd) -> list[Update]:
        sessions, self._shadow = tuple(self._shadow or ()), None
        if len(sessions) != frame.rows or digest_of((s.id, s.version) for s in sessions) != frame.digest:
            raise ResyncNeeded("the snapshot did not arrive whole")
        self._hold(sessions)
        self.seq = frame.seq
        return [SnapshotApplied(self.epoch or "", frame.seq, sessions, frame.counts, self.me)]

    def _hold(self, sessions: Iterable[Session]) -> None:
        self.rows = {session.id: session for session in sessions}
        self._digest = sum(row_digest(s.id, s.version) for s in self.rows.values())

    def _delta(self, frame: Delta) -> list[Update]:
        if self._shadow is not None or frame.seq_to <= self.seq:
            return []
        if frame.seq_from > self.seq:
            raise ResyncNeeded(f"events {self.seq + 1} to {frame.seq_from} are missing")
        updates: list[Update] = [
            EventApplied(event, news=self._take(event)) for event in frame.events if event.seq > self.seq
        ]
        self.seq = frame.seq_to
        if frame.counts is not None:
            updates.append(CountsChanged(frame.counts, frame.seq_to))
        return updates

    def _take(self, event: FeedEvent) -> bool:
        row = event.session
        held = self.rows.get(row.id)
        if held is not None and held.version >= row.version:
            return False
        if held is not None:
            self._digest -= row_digest(held.id, held.version)
            del self.rows[held.id]
        if not event.gone and is_held(row, self.me.id):
            self.rows[row.id] = row
            self._digest += row_digest(row.id, row.version)
        return True

    def _heartbeat(self, frame: Heartbeat) -> list[Update]:
        if self._shadow is not None:
            raise ResyncNeeded("the end of the snapshot is missing")
        if frame.seq > self.seq:
            raise ResyncNeeded(f"events {self.seq + 1} to {frame.seq} are missing")
        if frame.seq < self.seq:
            return []
        if frame.digest != self.digest:
            raise ResyncNeeded("the rows held differ from the server's")
        return [CountsChanged(frame.counts, frame.seq), Fresh(frame.now, frame.seq)]
