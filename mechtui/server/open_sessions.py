"""The open sessions in memory, with what digests and counts are made of."""

from collections import defaultdict
from dataclasses import dataclass, field

from mechtui.models import Status
from mechtui.replica import row_digest
from mechtui.server.db.rows import SessionRow


@dataclass
class OpenSessions:
    """The open sessions, with the sums that digests and counts are made of kept up row by row."""

    rows: dict[str, SessionRow] = field(default_factory=dict)
    pending_digest: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    pending_count: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    held: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def put(self, row: SessionRow) -> None:
        """Take in a session as it is now; one that has ended is dropped."""
        self._drop(row.id)
        if row.status == Status.PENDING:
            self._count(row, 1)
        elif row.is_active and row.mechanic_id is not None:
            self.held[row.mechanic_id].add(row.id)
        else:
            return
        self.rows[row.id] = row

    def _drop(self, session_id: str) -> None:
        row = self.rows.pop(session_id, None)
        if row is None:
            return
        if row.status == Status.PENDING:
            self._count(row, -1)
        elif row.mechanic_id is not None:
            self.held[row.mechanic_id].discard(row.id)

    def _count(self, row: SessionRow, sign: int) -> None:
        self.pending_digest[row.type] += sign * row_digest(row.id, row.version)
        self.pending_count[row.type] += sign
