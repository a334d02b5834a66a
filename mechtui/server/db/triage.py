"""What a mechanic does besides taking and ending: he passes on a request, takes that back, extends a session.

A pass is his own: the request goes on for everybody else, and he may neither see it in his queue nor accept it until
he takes the pass back.
"""

from mechtui.models import Code, Kind, Status
from mechtui.server.db.reasons import already_taken, not_live, request_is_over
from mechtui.server.db.rows import SessionRow
from mechtui.server.db.sessions import HAD_IT, Mechanic, held
from mechtui.server.db.tx import Tx
from mechtui.server.refusal import Refusal, not_found

_RAISE = (
    "UPDATE sessions SET version = version + 1 "
    "WHERE id = :id AND status = 'pending' AND expires_at > :now AND instr(:types, type) > 0 "
)
_PASSED = "EXISTS (SELECT 1 FROM passes WHERE session_id = :id AND mechanic_id = :me)"


def pass_on(tx: Tx, me: Mechanic, session_id: str, reason: str) -> SessionRow:
    """Take the request out of his queue. Passing on what he passed on before changes nothing."""
    row = _open_to(tx, me, session_id, f"AND NOT {_PASSED}")
    if row is None:
        return _open_or_refused(tx, me, session_id)
    tx.run("INSERT INTO passes (session_id, mechanic_id) VALUES (?, ?)", (session_id, me.id))
    hand = 0 if tx.one(HAD_IT, (session_id, me.id)) else 1
    return tx.emit(Kind.PASSED, row, actor="mechanic", mechanic_id=me.id, reason=reason or None, hand=hand)


def undo_pass(tx: Tx, me: Mechanic, session_id: str) -> SessionRow:
    """Put the request back into his queue, while it is open. Without a pass nothing changes."""
    row = _open_to(tx, me, session_id, f"AND {_PASSED}")
    if row is None:
        return _open_or_refused(tx, me, session_id)
    tx.run("DELETE FROM passes WHERE session_id = ? AND mechanic_id = ?", (session_id, me.id))
    hand = 0 if tx.one(HAD_IT, (session_id, me.id)) else -1
    return tx.emit(Kind.PASS_UNDONE, row, actor="mechanic", mechanic_id=me.id, hand=hand)


def _open_to(tx: Tx, me: Mechanic, session_id: str, marked: str) -> SessionRow | None:
    params = {"id": session_id, "me": me.id, "now": tx.now, "types": me.types_text}
    return tx.change(_RAISE + marked, params)


def _open_or_refused(tx: Tx, me: Mechanic, session_id: str) -> SessionRow:
    row = tx.session(session_id)
    if row is None:
        raise not_found("request")
    if row.is_active and row.mechanic_id == me.id:
        raise Refusal(409, Code.SESSION_HELD, "You hold this session; give it back instead.")
    if row.is_active:
        raise already_taken(row)
    if row.status != Status.PENDING or row.expires_at <= tx.now:
        raise request_is_over(row)
    if row.type not in me.types:
        raise not_found("request")
    return row


def extend(tx: Tx, me: Mechanic, session_id: str, minutes: int) -> SessionRow:
    """Add minutes to his live session, at the price of those booked (`models.extension_cents`)."""
    extended = tx.change(
        "UPDATE sessions SET minutes = minutes + :more, version = version + 1, "
        "price_cents = price_cents + (price_cents * :more + minutes / 2) / minutes "
        "WHERE id = :id AND mechanic_id = :me AND status = 'live'",
        {"id": session_id, "me": me.id, "more": minutes},
    )
    if extended is None:
        raise not_live(held(tx, me, session_id))
    return tx.emit(Kind.EXTENDED, extended, actor="mechanic", mechanic_id=me.id, reason=f"{minutes} more minutes")
