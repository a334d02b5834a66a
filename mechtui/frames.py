"""The frames of the feed, both ways; `docs/protocol.md` says what follows what."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from mechtui.models import API_VERSION, Answer, Audit, Availability, Counts, Person, Session

FEED_PATH = "/api/mechanic/feed"
HEARTBEAT_SECONDS = 5.0
DEAD_SECONDS = 12.0
"""A line without a frame for this long proves nothing any more and is dropped."""


class Resume(Answer):
    """How far a terminal has come in which history."""

    epoch: str
    seq: int


class Hello(Answer):
    """A terminal's first frame. Without `resume` it gets a snapshot."""

    t: Literal["hello"] = "hello"
    api: int = API_VERSION
    resume: Resume | None = None


class Ack(Answer):
    """A terminal's answer to each heartbeat."""

    t: Literal["ack"] = "ack"
    seq: int


class Reading(Answer):
    """The terminal shows the intake of this session, or of none."""

    t: Literal["reading"] = "reading"
    session: str | None = Field(default=None, max_length=64)


class Welcome(Answer):
    """The server's first frame: deltas since `seq` follow when `mode` is `resume`, else a snapshot."""

    t: Literal["welcome"] = "welcome"
    api: int = API_VERSION
    epoch: str
    seq: int
    now: datetime
    heartbeat: float
    mode: Literal["resume", "snapshot"]
    me: Person
    counts: Counts
    availability: str = Availability.ON
    audit: Audit | None = None


class SnapshotPart(Answer):
    """Some rows of a snapshot; all parts are of one moment, `seq`."""

    t: Literal["snapshot"] = "snapshot"
    seq: int
    sessions: tuple[Session, ...]


class SnapshotEnd(Answer):
    """The snapshot is whole when `rows` rows came and their digest is `digest`."""

    t: Literal["snapshot_end"] = "snapshot_end"
    seq: int
    rows: int
    digest: str
    counts: Counts


class FeedEvent(Answer):
    """One event with the whole row as this viewer may see it.

    `gone` is true when the row has left this viewer's sight with this event (somebody else took it, it was
    cancelled or expired unanswered); `session` then says no more than the open request did, and who has it.
    `reason` is why a colleague declined what this viewer offers him.
    """

    seq: int
    kind: str
    at: datetime
    session: Session
    gone: bool = False
    reason: str | None = None


class Delta(Answer):
    """All that this viewer may see of the events in (`seq_from`, `seq_to`]."""

    t: Literal["delta"] = "delta"
    seq_from: int = Field(alias="from")
    seq_to: int = Field(alias="to")
    events: tuple[FeedEvent, ...]
    counts: Counts | None = None


class Heartbeat(Answer):
    """Proof of freshness: at `seq` the viewer's open rows have this digest."""

    t: Literal["heartbeat"] = "heartbeat"
    seq: int
    now: datetime
    digest: str
    counts: Counts
    availability: str = Availability.ON
    audit: Audit | None = None


class Lag(Answer):
    """The terminal read too slowly; its backlog was dropped and a snapshot follows."""

    t: Literal["lag"] = "lag"


class ReadBy(Answer):
    """Which other mechanics have the intake of a request open at this moment, by name."""

    t: Literal["reading"] = "reading"
    session: str
    by: tuple[str, ...]


class Bye(Answer):
    """The server is about to close: why, and how long to stay away."""

    t: Literal["bye"] = "bye"
    code: str
    why: str
    retry_in: float = 0.0


ServerFrame = Annotated[
    Welcome | SnapshotPart | SnapshotEnd | Delta | Heartbeat | Lag | ReadBy | Bye,
    Field(discriminator="t"),
]


class Snapshot(Answer):
    """The feed's snapshot over plain HTTP, for a terminal whose websocket does not get through."""

    epoch: str
    seq: int
    now: datetime
    me: Person
    sessions: tuple[Session, ...]
    digest: str
    counts: Counts
    availability: str = Availability.ON
    audit: Audit | None = None
