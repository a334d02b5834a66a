"""The events of a commit, and their places in the feed."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from mechtui.models import Kind
from mechtui.server.db.connection import Columns, Connection
from mechtui.server.db.rows import SessionRow


class Event(NamedTuple):
    """One event with the row as it was right after it; `kind` is a `Kind`, or a word of a newer backend."""

    seq: int
    kind: str
    actor: str
    mechanic_id: str | None
    at: str
    row: SessionRow
    was_pending: bool
    hand: int
    other_id: str | None = None
    reason: str | None = None
    offer_was: str | None = None
    """To whom the session was offered up to this event, and no longer is; the hub knows."""


@dataclass(frozen=True)
class Batch:
    """The events of one commit: all there are in (`seq_from`, `seq_to`]."""

    seq_from: int
    seq_to: int
    events: tuple[Event, ...]


class Draft(NamedTuple):
    """An event before it has its place in the feed."""

    kind: Kind
    actor: str
    mechanic_id: str | None
    reason: str | None
    was_pending: bool
    hand: int
    row: SessionRow
    other_id: str | None


class Entry(NamedTuple):
    """One event as it stands in the log, without its place."""

    session_id: str
    kind: str
    actor: str
    mechanic_id: str | None
    other_id: str | None
    at: str
    reason: str | None


_LOG = Columns("events", ("seq", *Entry._fields))


class Position(NamedTuple):
    """How far the feed has come, in which history."""

    epoch: str
    seq: int


def position(connection: Connection) -> Position:
    """How far the feed has come."""
    return Position._make(connection.execute("SELECT epoch, seq FROM feed_head").fetchall()[0])


def last_time(connection: Connection) -> str:
    """The time of the last event, or "" before the first."""
    rows = connection.execute("SELECT at FROM events ORDER BY seq DESC LIMIT 1").fetchall()
    return str(rows[0][0]) if rows else ""


def begin_new_history(connection: Connection) -> None:
    """Have every terminal take a snapshot: events were written that no backend told anybody of."""
    connection.execute("UPDATE feed_head SET epoch = ?", (secrets.token_hex(16),))


def write_down(connection: Connection, entries: Sequence[Entry]) -> int:
    """Give entries their places in the log, and write them; the place before the first is given."""
    taken = connection.execute("UPDATE feed_head SET seq = seq + ? RETURNING seq", (len(entries),)).fetchall()
    before: int = taken[0][0] - len(entries)
    connection.insert(_LOG, [(seq, e.session_id, str(e.kind), *e[2:]) for seq, e in enumerate(entries, before + 1)])
    return before


def append(connection: Connection, now: str, drafts: list[Draft]) -> Batch | None:
    """Give the events their places, the position being the last thing taken, and write them down."""
    if not drafts:
        return None
    entries = [Entry(d.row.id, d.kind, d.actor, d.mechanic_id, d.other_id, now, d.reason) for d in drafts]
    seq_from = write_down(connection, entries)
    events = tuple(
        Event(seq_from + n, d.kind, d.actor, d.mechanic_id, now, d.row, d.was_pending, d.hand, d.other_id, d.reason)
        for n, d in enumerate(drafts, 1)
    )
    return Batch(seq_from, seq_from + len(drafts), events)
