"""What a mechanic must see, read from the database by the words of `docs/protocol.md` alone."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from mechtui.rows import Tab
from mechtui.server.db.connection import Connection
from mechtui.server.db.sqlite.connection import SqliteConnection, open_reader
from mechtui.store import Store

_WAITS = (
    "((status = 'pending' AND instr((SELECT types FROM mechanics WHERE id = :me), type) > 0 "
    "AND NOT EXISTS (SELECT 1 FROM passes p WHERE p.session_id = s.id AND p.mechanic_id = :me)) "
    "OR EXISTS (SELECT 1 FROM handovers h WHERE h.session_id = s.id AND h.to_id = :me))"
)
_MINE = "(mechanic_id = :me AND status IN ('waiting', 'live'))"
_ROWS = f"SELECT id, version FROM sessions s WHERE {_WAITS} OR {_MINE}"
_QUEUE = f"SELECT id FROM sessions s WHERE {_WAITS} ORDER BY urgent DESC, created_at, id"
_COUNTS = (
    f"SELECT (SELECT count(*) FROM sessions s WHERE {_WAITS}), (SELECT count(*) FROM sessions s WHERE {_MINE}), "
    "(SELECT count(*) FROM sessions WHERE mechanic_id = :me AND status = 'completed'), "
    "(SELECT count(DISTINCT session_id) FROM events WHERE mechanic_id = :me AND kind <> 'offer_declined')"
)


@dataclass(frozen=True)
class Truth:
    """Rows as id and version, the order of the queue by id, the four counts."""

    rows: dict[str, int]
    queue: tuple[str, ...]
    counts: tuple[int, ...]

    def differs(self, seen: "Truth") -> str:
        """In what `seen` is not this; empty when it is."""
        parts = []
        if self.rows != seen.rows:
            missing = {i: v for i, v in self.rows.items() if seen.rows.get(i) != v}
            extra = {i: v for i, v in seen.rows.items() if self.rows.get(i) != v}
            parts.append(f"rows missing {missing}, too many {extra}")
        if self.queue != seen.queue:
            parts.append(f"queue {seen.queue} instead of {self.queue}")
        if self.counts != seen.counts:
            parts.append(f"counts {seen.counts} instead of {self.counts}")
        return "; ".join(parts)


def seen_in(store: Store) -> Truth:
    """What a terminal shows, without the lines that are just leaving."""
    incoming = store.rows(Tab.INCOMING)
    rows = {i: row.version for i, row in incoming.rows.items() if i not in store.leaving}
    rows |= {i: row.version for i, row in store.rows(Tab.ACTIVE).rows.items()}
    queue = tuple(row_id for row_id in incoming.held if row_id not in store.leaving)
    return Truth(rows, queue, tuple(store.count(tab) for tab in Tab))


def true_for(reader: Connection, me: str) -> Truth:
    """What the database says this mechanic sees."""
    rows = {str(i): int(v) for i, v in reader.execute(_ROWS, {"me": me})}
    queue = tuple(str(i) for (i,) in reader.execute(_QUEUE, {"me": me}))
    counts = reader.execute(_COUNTS, {"me": me}).fetchall()[0]
    return Truth(rows, queue, tuple(int(count) for count in counts))


@contextmanager
def reading(path: Path) -> Iterator[SqliteConnection]:
    """The database, read from outside."""
    reader = open_reader(path)
    try:
        yield reader
    finally:
        reader.close()
