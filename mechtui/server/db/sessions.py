"""Every transition of a session, each one conditional UPDATE with its events in one transaction.

The condition is the rule: where it does not hold nothing is changed, and only then is the row read, to say why.
Rules: `docs/rules.md`.
"""

from typing import NamedTuple

from mechtui.models import ENDED, Code, Kind, SessionType, Status, session_url
from mechtui.server.clock import shifted
from mechtui.server.db.reasons import request_is_over, session_has_ended
from mechtui.server.db.rows import SessionRow
from mechtui.server.db.tx import Tx
from mechtui.server.refusal import Refusal, not_found

NO_HAND = "('passed', 'pass_undone', 'offer_declined')"
"""Kinds of events of mechanics who did not have the session for that."""
HAD_IT = f"SELECT 1 FROM events WHERE session_id = ? AND mechanic_id = ? AND kind NOT IN {NO_HAND} LIMIT 1"
"""Whether a mechanic ever had this session."""


class Mechanic(NamedTuple):
    """Who acts, and which types of session he takes."""

    id: str
    name: str
    types: tuple[str, ...] = tuple(SessionType)

    @property
    def types_text(self) -> str:
        """The types in one text, for `instr(:types, type)` in SQL: no type's word is part of another."""
        return " ".join(self.types)


# --- the queue ----------------------------------------------------------------------------------------------


def has_active_session(tx: Tx, me: Mechanic) -> Refusal:
    """He has another session in hand: which."""
    row = tx.one("SELECT id, type FROM sessions WHERE mechanic_id = ? AND status IN ('waiting', 'live')", (me.id,))
    assert row is not None, "only an active session of the mechanic can be in the way"
    return Refusal(
        409,
        Code.MECHANIC_HAS_ACTIVE_SESSION,
        "You already have an active session; end it or give it back first.",
        session_id=row[0],
        url=session_url(tx.public_url, row[1], row[0]),
    )


def release(tx: Tx, me: Mechanic, session_id: str, reason: str) -> SessionRow:
    """Give the request back to the queue, at its old place; it stays open for five more minutes at least."""
    released = tx.change(
        "UPDATE sessions SET status = 'pending', mechanic_id = NULL, accepted_at = NULL, mechanic_joined_at = NULL, "
        "customer_joined_at = NULL, version = version + 1, "
        "expires_at = CASE WHEN expires_at < :floor THEN :floor ELSE expires_at END "
        "WHERE id = :id AND mechanic_id = :me AND status = 'waiting'",
        {"id": session_id, "me": me.id, "floor": shifted(tx.now, tx.rules.release_floor_seconds)},
    )
    if released is None:
        row = held(tx, me, session_id)
        if row.status == Status.LIVE:
            raise Refusal(409, Code.SESSION_LIVE, "The session is live; it can only be ended.")
        raise session_has_ended(row)
    return tx.emit(Kind.RELEASED, released, actor="mechanic", mechanic_id=me.id, reason=reason)


def expire(tx: Tx, session_id: str) -> SessionRow | None:
    """End a request nobody took in time. Never one that a mechanic has; then nothing happens."""
    expired = tx.change(
        "UPDATE sessions SET status = 'expired', ended_at = :now, ended_by = 'system', "
        "end_reason = 'nobody accepted in time', version = version + 1 "
        "WHERE id = :id AND status = 'pending' AND expires_at <= :now",
        {"id": session_id, "now": tx.now},
    )
    return tx.emit(Kind.EXPIRED, expired, actor="system", was_pending=True) if expired else None


def expire_overdue(tx: Tx) -> list[SessionRow]:
    """End every request nobody took in time."""
    overdue = tx.all(
        "SELECT id FROM sessions WHERE status = 'pending' AND expires_at <= ? ORDER BY expires_at, id", (tx.now,)
    )
    return [row for (session_id,) in overdue if (row := expire(tx, session_id)) is not None]


# --- the session --------------------------------------------------------------------------------------------


def join_as_mechanic(tx: Tx, me: Mechanic, session_id: str) -> SessionRow:
    """The mechanic is on the session's page. When the customer is too, the session is live from now on."""
    joined = _join(tx, session_id, "mechanic_joined_at", "customer_joined_at", "AND mechanic_id = :me", me.id)
    if joined is None:
        return _joined_before(held(tx, me, session_id))
    return _emit_joined(tx, joined, actor="mechanic", mechanic_id=me.id)


def join_as_customer(tx: Tx, session_id: str) -> SessionRow:
    """The customer is on the session's page. When the mechanic is too, the session is live from now on."""
    joined = _join(tx, session_id, "customer_joined_at", "mechanic_joined_at", "", None)
    if joined is None:
        row = any_session(tx, session_id)
        if row.status == Status.PENDING:
            raise Refusal(409, Code.NOT_ACCEPTED_YET, "No mechanic has accepted yet; please wait.")
        return _joined_before(row)
    return _emit_joined(tx, joined, actor="customer")


def _join(tx: Tx, session_id: str, mine: str, theirs: str, who: str, me: str | None) -> SessionRow | None:
    return tx.change(
        f"UPDATE sessions SET {mine} = :now, version = version + 1, "
        f"status = CASE WHEN {theirs} IS NULL THEN 'waiting' ELSE 'live' END, "
        f"started_at = CASE WHEN {theirs} IS NULL THEN NULL ELSE :now END "
        f"WHERE id = :id AND status = 'waiting' AND {mine} IS NULL {who}",
        {"now": tx.now, "id": session_id, "me": me},
    )


def _joined_before(row: SessionRow) -> SessionRow:
    if row.status in ENDED:
        raise session_has_ended(row)
    return row


def _emit_joined(tx: Tx, row: SessionRow, *, actor: str, mechanic_id: str | None = None) -> SessionRow:
    tx.emit(Kind.JOINED, row, actor=actor, mechanic_id=mechanic_id)
    if row.status == Status.LIVE:
        tx.emit(Kind.STARTED, row, actor="system")
    return row


def end_as_mechanic(tx: Tx, me: Mechanic, session_id: str, reason: str) -> SessionRow:
    """End his session: completed when it ran long enough, else cancelled. Ending what has ended changes nothing."""
    ended = _end(tx, session_id, "mechanic", reason or "ended by the mechanic", "AND mechanic_id = :me", me.id)
    if ended is None:
        return held(tx, me, session_id)
    return tx.emit(Kind(ended.status), ended, actor="mechanic", mechanic_id=me.id, reason=reason or None)


def end_as_customer(tx: Tx, session_id: str, reason: str) -> SessionRow:
    """The customer ends his session, or the desk does for him, by the same rule as the mechanic."""
    ended = _end(tx, session_id, "customer", reason or "ended by the customer", "", None)
    if ended is not None:
        return tx.emit(Kind(ended.status), ended, actor="customer", reason=reason or None)
    row = any_session(tx, session_id)
    if row.status == Status.PENDING:
        raise Refusal(409, Code.NOT_ACCEPTED_YET, "No mechanic has accepted yet; cancel it instead.")
    return row


def _end(tx: Tx, session_id: str, by: str, reason: str, who: str, me: str | None) -> SessionRow | None:
    return tx.change(
        "UPDATE sessions SET status = CASE WHEN started_at <= :ran THEN 'completed' ELSE 'cancelled' END, "
        "ended_at = :now, ended_by = :by, end_reason = :reason, version = version + 1 "
        f"WHERE id = :id AND status IN ('waiting', 'live') {who}",
        {"ran": shifted(tx.now, -tx.rules.completed_seconds), "now": tx.now, "by": by, "reason": reason,
         "id": session_id, "me": me},
    )  # fmt: skip


def cancel(tx: Tx, session_id: str, reason: str) -> SessionRow:
    """The customer no longer wants it. Possible until it is live; cancelling what is cancelled changes nothing."""
    before = any_session(tx, session_id)
    cancelled = tx.change(
        "UPDATE sessions SET status = 'cancelled', ended_at = :now, ended_by = 'customer', end_reason = :reason, "
        "version = version + 1 "
        "WHERE id = :id AND (status = 'waiting' OR (status = 'pending' AND expires_at > :now))",
        {"now": tx.now, "reason": reason or "cancelled by the customer", "id": session_id},
    )
    if cancelled is None:
        return _cancelled_before(before)
    was_pending = before.status == Status.PENDING
    return tx.emit(Kind.CANCELLED, cancelled, actor="customer", reason=reason or None, was_pending=was_pending)


def _cancelled_before(row: SessionRow) -> SessionRow:
    if row.status == Status.CANCELLED:
        return row
    if row.status == Status.LIVE:
        raise Refusal(409, Code.SESSION_LIVE, "The session is live; end it instead.")
    raise request_is_over(row)


def held(tx: Tx, me: Mechanic, session_id: str) -> SessionRow:
    """His session, ended or not. One that another has, or had, does not exist for him."""
    row = any_session(tx, session_id)
    if row.mechanic_id == me.id:
        return row
    if row.status == Status.PENDING and row.type in me.types:
        raise Refusal(409, Code.NOT_HELD, "You do not hold this request; accept it first.")
    raise not_found()


def any_session(tx: Tx, session_id: str) -> SessionRow:
    """The session, whoever has it."""
    row = tx.session(session_id)
    if row is None:
        raise not_found()
    return row
