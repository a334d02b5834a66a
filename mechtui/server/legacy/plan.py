"""What an import will do, settled for every row before anything is written.

Nothing is dropped without a word: each row of the old tables has its verdict.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from mechtui.server.legacy.case import Case
from mechtui.server.legacy.kinds import OldFinding
from mechtui.server.legacy.plans_of_old import OldPlan
from mechtui.server.legacy.tables import Ref


class Becomes(StrEnum):
    """What becomes of an old row."""

    MOVED = "moved"
    QUARANTINED = "quarantined"
    LEFT = "left"


class Verdict(NamedTuple):
    """What becomes of one row: the session of ours it becomes or is part of, or why it does not."""

    becomes: Becomes
    words: str


class NewMechanic(NamedTuple):
    """A mechanic without a usable token. `revoked`: he may not work until somebody says so."""

    id: str
    name: str
    created: datetime
    revoked: bool


class NewCustomer(NamedTuple):
    """A customer as the old database knew him."""

    id: str
    name: str
    email: str | None
    phone: str | None
    created: datetime


class Line(NamedTuple):
    """One table in the books: rows that came in, and where they went; the three add up to the first."""

    table: str
    rows: int
    moved: int
    quarantined: int
    left: int


@dataclass
class Plan:
    """All that an import will do."""

    now: datetime
    findings: list[OldFinding] = field(default_factory=list)
    mechanics: dict[str, NewMechanic] = field(default_factory=dict)
    customers: dict[str, NewCustomer] = field(default_factory=dict)
    cases: list[Case] = field(default_factory=list)
    verdicts: dict[Ref, Verdict] = field(default_factory=dict)
    unknown: dict[str, int] = field(default_factory=dict)
    files_missing: int = 0

    def plans(self) -> set[OldPlan]:
        """The plans its sessions have."""
        return {case.plan for case in self.cases}

    def ledger(self) -> list[Line]:
        """The books, a line a table."""
        counts: dict[str, Counter[Becomes]] = defaultdict(Counter)
        for ref, verdict in self.verdicts.items():
            counts[ref.table][verdict.becomes] += 1
        for table, rows in self.unknown.items():
            counts[table][Becomes.LEFT] += rows
        return [Line(table, n.total(), *(n[becomes] for becomes in Becomes)) for table, n in sorted(counts.items())]
