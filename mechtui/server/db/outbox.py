"""What a commit leaves for other backends: its events, as text that an older and a newer version can read, too."""

import json
from typing import Any

from mechtui.server.db.connection import Connection
from mechtui.server.db.events import Batch, Event
from mechtui.server.db.rows import SessionRow
from mechtui.server.db.tx import Tx

AT_ONCE = 200
"""So many batches are read at once; with 64 jobs each they stay within some megabytes."""

_AFTER = "SELECT seq_from, seq_to, events FROM outbox WHERE seq_to > ? ORDER BY seq_to LIMIT ?"


def leave(connection: Connection, backend: str, batch: Batch) -> None:
    """Leave a batch, in its own transaction; `backend` is whose it is."""
    connection.execute(
        "INSERT INTO outbox (seq_to, seq_from, backend, at, events) VALUES (?, ?, ?, ?, ?)",
        (batch.seq_to, batch.seq_from, backend, batch.events[0].at, json.dumps([_told(e) for e in batch.events])),
    )


def happened(connection: Connection, backend: str, batch: Batch) -> bool:
    """Whether a batch of this backend, whose commit had no answer, is there."""
    found = connection.execute("SELECT 1 FROM outbox WHERE seq_to = ? AND backend = ?", (batch.seq_to, backend))
    return bool(found.fetchall())


def after(connection: Connection, seq: int) -> list[Batch]:
    """The batches after this position that are still kept, the oldest first."""
    rows = connection.execute(_AFTER, (seq, AT_ONCE)).fetchall()
    return [Batch(seq_from, seq_to, tuple(map(_event, json.loads(text)))) for seq_from, seq_to, text in rows]


def forget(tx: Tx, before: str) -> None:
    """Drop what every backend has had time to read."""
    tx.run("DELETE FROM outbox WHERE at < ?", (before,))


def _told(event: Event) -> dict[str, Any]:
    return event._asdict() | {"row": event.row._asdict()}


def _event(told: dict[str, Any]) -> Event:
    """One event. What this version does not know is left out, what the other did not tell is empty."""
    row = SessionRow(**{name: told["row"].get(name) for name in SessionRow._fields})
    known = {name: value for name, value in told.items() if name in Event._fields}
    return Event(**known | {"row": row})
