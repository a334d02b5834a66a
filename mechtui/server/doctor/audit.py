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
    return summed([look_for(connection, kind) for kind in OWN_KINDS], sessions(connection))


def look_for(connection: Connection, kind: OwnKind) -> OwnFinding:
    """Look for one kind; without rows there is none of it."""
    return OwnFinding(kind, tuple(str(row[0]) for row in connection.execute(kind.sql)))


def sessions(connection: Connection) -> int:
    """How many there are."""
    return int(connection.execute("SELECT count(*) FROM sessions").fetchall()[0][0])


def summed(found: Sequence[OwnFinding], of: int) -> Audit:
    """What a look for every kind comes to."""
    lost = {row for finding in found if finding.kind.lost for row in finding.rows}
    return Audit(len(lost), of, [finding for finding in found if finding.rows])
