"""Handing a session over to a colleague, who must agree: it is its holder's until the very moment the other takes it.

An offer stands in `handovers` and goes with the hand that made it: when the session ends, goes back to the queue or
changes hands, the database itself removes it.
"""

import json

from mechtui.models import ENDED, Availability, Code, Kind
from mechtui.server.db.errors import ConstraintViolatedError
from mechtui.server.db.reasons import session_has_ended
from mechtui.server.db.rows import SessionRow
from mechtui.server.db.sessions import HAD_IT, Mechanic, any_session, has_active_session, held
from mechtui.server.db.tx import Tx
from mechtui.server.refusal import Refusal, not_found

_RAISE = "UPDATE sessions SET version = version + 1 WHERE id = :id AND status IN ('waiting', 'live') "
_OFFERED_TO_ME = (
    "AND EXISTS (SELECT 1 FROM handovers h WHERE h.session_id = :id AND h.from_id = mechanic_id AND h.to_id = :me)"
)
_AWAY = {Availability.BREAK: "on a break", Availability.OFF: "off"}


def offer(tx: Tx, me: Mechanic, session_id: str, to: str, note: str) -> SessionRow:
    """Offer his session to a colleague who takes its type and is there; in place of an earlier offer, if any."""
    row = _in_hand(tx, me, session_id)
    _check_colleague(tx, me, row, to)
    tx.run("DELETE FROM handovers WHERE session_id = ?", (session_id,))
    tx.run(
        "INSERT INTO handovers (session_id, from_id, to_id, note, offered_at) VALUES (?, ?, ?, ?, ?)",
        (session_id, me.id, to, note or None, tx.now),
    )
    offered = tx.change(_RAISE + "AND mechanic_id = :me", {"id": session_id, "me": me.id})
    assert offered is not None, "he held it a moment ago, in this transaction"
    return tx.emit(Kind.OFFERED, offered, actor="mechanic", mechanic_id=me.id, other_id=to, reason=note or None)


def withdraw(tx: Tx, me: Mechanic, session_id: str) -> SessionRow:
    """Take his offer back. Without one nothing changes: it may have been declined meanwhile."""
    row = _in_hand(tx, me, session_id)
    if row.offered_to_id is None:
        return row
    tx.run("DELETE FROM handovers WHERE session_id = ?", (session_id,))
    kept = tx.change(_RAISE + "AND mechanic_id = :me", {"id": session_id, "me": me.id})
    assert kept is not None, "he held it a moment ago, in this transaction"
    return tx.emit(Kind.OFFER_WITHDRAWN, kept, actor="mechanic", mechanic_id=me.id, other_id=row.offered_to_id)


def decline(tx: Tx, me: Mechanic, session_id: str, reason: str) -> SessionRow:
    """Say no to what a colleague offers; it stays the colleague's."""
    declined = tx.change(_RAISE + _OFFERED_TO_ME, {"id": session_id, "me": me.id})
    if declined is None:
        raise _no_offer(tx, me, any_session(tx, session_id))
    tx.run("DELETE FROM handovers WHERE session_id = ?", (session_id,))
    kept = any_session(tx, session_id)
    return tx.emit(
        Kind.OFFER_DECLINED, kept, actor="mechanic", mechanic_id=me.id, other_id=kept.mechanic_id,
        reason=reason or None,
    )  # fmt: skip


def take(tx: Tx, me: Mechanic, session_id: str) -> SessionRow:
    """Take what a colleague offers. One that waits he has to join himself; the times of a live one are its own.

    Taking what is already his is no mistake: he gets it again, and nothing happens.
    """
    before = any_session(tx, session_id)
    if before.is_active and before.mechanic_id == me.id:
        return before
    try:
        taken = tx.change(
            "UPDATE sessions SET mechanic_id = :me, version = version + 1, "
            "mechanic_joined_at = CASE WHEN status = 'live' THEN mechanic_joined_at END "
            "WHERE id = :id AND status IN ('waiting', 'live') "
            f"{_OFFERED_TO_ME} AND EXISTS (SELECT 1 FROM mechanics WHERE id = :me AND revoked_at IS NULL)",
            {"id": session_id, "me": me.id},
        )
    except ConstraintViolatedError as error:
        tx.undo()
        raise has_active_session(tx, me) from error
    if taken is None:
        raise _no_offer(tx, me, before)
    hand = _new_hand(tx, me, session_id)
    tx.run("DELETE FROM passes WHERE session_id = ? AND mechanic_id = ?", (session_id, me.id))
    return tx.emit(Kind.HANDED_OVER, taken, actor="mechanic", mechanic_id=me.id, other_id=before.mechanic_id, hand=hand)


def _new_hand(tx: Tx, me: Mechanic, session_id: str) -> int:
    """1 if he never had it, nor passed on it, before."""
    passed = "SELECT 1 FROM passes WHERE session_id = ? AND mechanic_id = ?"
    return 0 if tx.one(HAD_IT, (session_id, me.id)) or tx.one(passed, (session_id, me.id)) else 1


def _in_hand(tx: Tx, me: Mechanic, session_id: str) -> SessionRow:
    row = held(tx, me, session_id)
    if row.status in ENDED:
        raise session_has_ended(row)
    return row


def _check_colleague(tx: Tx, me: Mechanic, row: SessionRow, to: str) -> None:
    found = tx.one("SELECT name, types, availability FROM mechanics WHERE id = ? AND revoked_at IS NULL", (to,))
    if found is None:
        raise not_found("colleague")
    name, types, availability = found
    if to == me.id:
        raise Refusal(409, Code.COLLEAGUE_CANNOT, "You hold it already; choose a colleague.")
    if row.type not in json.loads(types):
        raise Refusal(409, Code.COLLEAGUE_CANNOT, f"{name} does not take {row.type} sessions.")
    if availability != Availability.ON:
        raise Refusal(409, Code.COLLEAGUE_CANNOT, f"{name} is {_AWAY[availability]}.")


def _no_offer(tx: Tx, me: Mechanic, row: SessionRow) -> Refusal:
    """Why there is nothing to take. To whom it was never offered the session does not exist."""
    offered = "SELECT 1 FROM events WHERE session_id = ? AND kind = 'offered' AND other_id = ? LIMIT 1"
    if not tx.one(offered, (row.id, me.id)):
        return not_found()
    if row.status in ENDED:
        return session_has_ended(row)
    return Refusal(409, Code.NO_OFFER, "It is no longer offered to you.")
