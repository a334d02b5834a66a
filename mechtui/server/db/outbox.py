"""What a commit leaves for other backends: its events, as text that an older and a newer version can read, too."""

import json
from collections.abc import Iterator
from typing import Any

from mechtui.server.db.connection import Connection
from mechtui.server.db.events import Batch, Event
from mechtui.server.db.rows import SessionRow
from mechtui.server.db.tx import Tx
from mechtui.server.wire import to_json

AT_ONCE = 200
"""So many batches are read at once; with 64 jobs each they stay within some megabytes."""

CHANNEL = "mechtui"
"""What a commit is made known on. Only a hint: what it was stands in the outbox."""

_LEAVE = (
    "WITH batch AS (INSERT INTO outbox (seq_to, seq_from, backend, at, events) VALUES (?, ?, ?, ?, ?) "
    "RETURNING seq_to) SELECT pg_notify(?, '') FROM batch"
)
_AFTER = "SELECT seq_from, seq_to, events FROM outbox WHERE seq_to > ? ORDER BY seq_to LIMIT ?"


def leave(connection: Connection, backend: str, batch: Batch) -> None:
    """Leave a batch, in its own transaction, and wake the others once it is there; `backend` is whose it is."""
    at = batch.events[0].at
    connection.execute(_LEAVE, (batch.seq_to, batch.seq_from, backend, at, _told(batch), CHANNEL))


def happened(connection: Connection, backend: str, batch: Batch) -> bool:
    """Whether a batch of this backend, whose commit had no answer, is there."""
    found = connection.execute("SELECT 1 FROM outbox WHERE seq_to = ? AND backend = ?", (batch.seq_to, backend))
    return bool(found.fetchall())


def after(connection: Connection, seq: int) -> list[Batch]:
    """The batches after this position that are still kept, the oldest first."""
    rows = connection.execute(_AFTER, (seq, AT_ONCE)).fetchall()
    return [Batch(seq_from, seq_to, tuple(_events(text))) for seq_from, seq_to, text in rows]


def forget(tx: Tx, before: str) -> None:
    """Drop what every backend has had time to read."""
    tx.run("DELETE FROM outbox WHERE at < ?", (before,))


def _told(batch: Batch) -> str:
    """The events, and the names of what stands in each and in its row."""
    return to_json({"event": Event._fields, "row": SessionRow._fields, "events": batch.events})


def _events(text: str) -> Iterator[Event]:
    """What was told. What this version does not know is left out, what the other did not tell is empty."""
    told = json.loads(text)
    for values in told["events"]:
        event = _known(Event._fields, told["event"], values)
        empty: dict[str, Any] = dict.fromkeys(SessionRow._fields)
        row = empty | _known(SessionRow._fields, told["row"], event.pop("row"))
        yield Event(**event, row=SessionRow(**row))


def _known(fields: tuple[str, ...], names: list[str], values: list[Any]) -> dict[str, Any]:
    return {name: value for name, value in zip(names, values, strict=True) if name in fields}
