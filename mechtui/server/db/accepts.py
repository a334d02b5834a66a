"""Accept: an open request is given to the mechanic who asks first, and to nobody else.

Those of several mechanics are carried out by the same few statements, since in a rush they are what there is most of.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from mechtui.models import Code, Kind, Status
from mechtui.server.db.reasons import already_taken, request_is_over
from mechtui.server.db.rows import SessionRow
from mechtui.server.db.sessions import NO_HAND, Mechanic, has_active_session
from mechtui.server.db.tx import Grouped, Tx
from mechtui.server.refusal import Refusal, not_found, signed_out

_TAKE = (
    "UPDATE sessions SET status = 'waiting', mechanic_id = {value}, accepted_at = :now, version = version + 1 {pairs} "
    "WHERE sessions.id = {key} AND (sessions.status = 'pending') IS TRUE AND sessions.expires_at > :now "
    "AND EXISTS (SELECT 1 FROM mechanics m "
    "WHERE m.id = {value} AND m.revoked_at IS NULL AND instr(m.types, sessions.type) > 0) "
    "AND NOT EXISTS (SELECT 1 FROM passes p WHERE p.session_id = {key} AND p.mechanic_id = {value}) "
    "AND NOT EXISTS (SELECT 1 FROM sessions a WHERE a.mechanic_id = {value} AND a.status IN ('waiting', 'live')) "
    "RETURNING id, EXISTS (SELECT 1 FROM events e WHERE e.session_id = sessions.id "
    f"AND e.mechanic_id = sessions.mechanic_id AND e.kind NOT IN {NO_HAND})"
)
"""Of a pair of request and mechanic: takes it for him if he can have it, and gives whether he had it before.

With `IS TRUE` PostgreSQL cannot use the index of what is open, which it would read from end to end for each pair."""


class Won(NamedTuple):
    """A request that has become his: as it is now, and whether he had it before."""

    row: SessionRow
    had_it: bool


@dataclass(frozen=True)
class Accept(Grouped[Won]):
    """Give the request to this mechanic if it is still open and he may have it; exactly one can succeed.

    Accepting what is already his is no mistake: he gets it again, and nothing happens.
    """

    me: Mechanic
    session_id: str

    @property
    def touches(self) -> tuple[str, ...]:
        """The two that are brought together."""
        return self.session_id, self.me.id

    @staticmethod
    def begin(tx: Tx, jobs: Sequence["Accept"]) -> Mapping[str, Won]:
        """Take for each what he may have; by request."""
        won: dict[str, int] = dict(tx.change_each(_TAKE, {job.session_id: job.me.id for job in jobs}, {"now": tx.now}))
        return {row.id: Won(row, bool(won[row.id])) for row in tx.sessions(won)} if won else {}

    def __call__(self, tx: Tx) -> SessionRow:
        """Tell of it, or say why he could not have it."""
        won = tx.begun(self)
        if won is None:
            return _already_mine_or_refused(tx, self.me, self.session_id)
        hand = 0 if won.had_it else 1
        return tx.emit(Kind.ACCEPTED, won.row, actor="mechanic", mechanic_id=self.me.id, was_pending=True, hand=hand)


def _already_mine_or_refused(tx: Tx, me: Mechanic, session_id: str) -> SessionRow:
    row = tx.session(session_id)
    if row is None:
        raise not_found("request")
    if row.is_active and row.mechanic_id == me.id:
        return row
    if row.is_active:
        raise already_taken(row)
    if row.status == Status.PENDING and row.expires_at > tx.now:
        raise _not_for_him(tx, me, row)
    raise request_is_over(row)


def _not_for_him(tx: Tx, me: Mechanic, row: SessionRow) -> Refusal:
    """Why he cannot have a request that is open."""
    takes = tx.one("SELECT instr(types, ?) > 0 FROM mechanics WHERE id = ? AND revoked_at IS NULL", (row.type, me.id))
    if takes is None:
        return signed_out()
    if not takes[0]:
        return Refusal(403, Code.NOT_ELIGIBLE, f"You do not take {row.type} sessions.")
    if tx.one("SELECT 1 FROM passes WHERE session_id = ? AND mechanic_id = ?", (row.id, me.id)):
        return Refusal(409, Code.PASSED_ON, "You passed on this request; take that back first.")
    return has_active_session(tx, me)
