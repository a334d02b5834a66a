"""The open sessions in memory, with what digests and counts are made of."""

from collections import defaultdict
from dataclasses import dataclass, field

from mechtui.models import Status
from mechtui.replica import row_digest
from mechtui.server.db.rows import SessionRow
from mechtui.server.db.sessions import Mechanic


@dataclass
class OpenSessions:
    """The open sessions, with the sums that digests and counts are made of kept up row by row."""

    rows: dict[str, SessionRow] = field(default_factory=dict)
    pending_digest: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    pending_count: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    held: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    offered: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """By mechanic, the sessions a colleague offers him."""
    passed: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """By mechanic, the open sessions he passed on."""
    passed_by: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """The same by session."""

    def put(self, row: SessionRow) -> None:
        """Take in a session as it is now; one that has ended is dropped."""
        self._drop(row.id)
        if row.status == Status.PENDING:
            self._count(row, 1)
        elif row.is_active and row.mechanic_id is not None:
            self.held[row.mechanic_id].add(row.id)
            if row.offered_to_id is not None:
                self.offered[row.offered_to_id].add(row.id)
        else:
            for mechanic_id in tuple(self.passed_by[row.id]):
                self.mark_passed(row.id, mechanic_id, passed=False)
            del self.passed_by[row.id]
            return
        self.rows[row.id] = row

    def mark_passed(self, session_id: str, mechanic_id: str, *, passed: bool) -> None:
        """A mechanic passed on an open session, or took that back."""
        change = set.add if passed else set.discard
        change(self.passed[mechanic_id], session_id)
        change(self.passed_by[session_id], mechanic_id)

    def waits_for(self, row: SessionRow, me: Mechanic) -> bool:
        """Whether a request is in this mechanic's queue as long as it is pending."""
        return row.type in me.types and row.id not in self.passed[me.id]

    def queue(self, me: Mechanic) -> list[SessionRow]:
        """The requests in this mechanic's queue."""
        return [row for row in self.rows.values() if row.status == Status.PENDING and self.waits_for(row, me)]

    def queue_count(self, me: Mechanic) -> int:
        """How many those are."""
        return sum(self.pending_count[name] for name in me.types) - len(self._passed_in_types(me))

    def digest(self, me: Mechanic) -> int:
        """The sum of the digests of all he sees: his own sessions, what is offered to him, and his queue."""
        known = (self.rows[session_id] for session_id in self.held[me.id] | self.offered[me.id])
        own = sum(row_digest(row.id, row.version) for row in known)
        passed = sum(row_digest(row.id, row.version) for row in self._passed_in_types(me))
        return own + sum(self.pending_digest[name] for name in me.types) - passed

    def _passed_in_types(self, me: Mechanic) -> list[SessionRow]:
        rows = [self.rows[session_id] for session_id in self.passed[me.id]]
        return [row for row in rows if row.status == Status.PENDING and row.type in me.types]

    def _drop(self, session_id: str) -> None:
        row = self.rows.pop(session_id, None)
        if row is None:
            return
        if row.status == Status.PENDING:
            self._count(row, -1)
        elif row.mechanic_id is not None:
            self.held[row.mechanic_id].discard(row.id)
            if row.offered_to_id is not None:
                self.offered[row.offered_to_id].discard(row.id)

    def _count(self, row: SessionRow, sign: int) -> None:
        self.pending_digest[row.type] += sign * row_digest(row.id, row.version)
        self.pending_count[row.type] += sign
