"""Looking a database of ours through."""

from collections.abc import Sequence
from dataclasses import dataclass

from mechtui.server.db.connection import Connection
from mechtui.server.db.lists import one_moment
from mechtui.server.doctor.kinds import OWN_KINDS, OwnKind


@dataclass(frozen=True)
class OwnFinding:
    """A kind of damage that is there, and the ids of its rows."""

    kind: OwnKind
    rows: tuple[str, ...]


@dataclass(frozen=True)
class Audit:
    """What was found as of one moment: `lost` sessions of how many there are, and everything else."""

    lost: int
    of: int
    findings: Sequence[OwnFinding]


def audit(connection: Connection) -> Audit:
    """Look for every kind, in one transaction that only reads."""
    with one_moment(connection):
        return look(connection)


def look(connection: Connection) -> Audit:
    """Look for every kind, in the caller's transaction."""
    found = [(kind, tuple(str(row[0]) for row in connection.execute(kind.sql))) for kind in OWN_KINDS]
    of = int(connection.execute("SELECT count(*) FROM sessions").fetchall()[0][0])
    findings = [OwnFinding(kind, rows) for kind, rows in found if rows]
    lost = {row for finding in findings if finding.kind.lost for row in finding.rows}
    return Audit(len(lost), of, findings)
