"""Where an old session stands by our rules, and when it came there. What its rows do not say is not made up.

A time that is not known stands as the earliest it can have been, and the event says so. What the old shop had left open
and its own rules had ended long ago is ended now, for that reason.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from mechtui.models import Status
from mechtui.server.legacy.damage_accepts import STALE, accepted_assignments, is_accepted
from mechtui.server.legacy.damage_ends import events_of, first_start, known_end, planned_end, ran, request_ends
from mechtui.server.legacy.kinds import Damage
from mechtui.server.legacy.people import mechanic_id_of
from mechtui.server.legacy.statuses import meant
from mechtui.server.legacy.tables import Row

REQUEST_TIME = timedelta(minutes=15)


class UnclearError(Exception):
    """What became of it would be a guess; the message says why."""


@dataclass(frozen=True)
class Shape:
    """A session's standing. `ended_by` is `customer`, `mechanic` or `system`; `unsure` names times nobody knows."""

    status: Status
    created: datetime
    expires: datetime
    mechanic_id: str | None = None
    accepted: datetime | None = None
    started: datetime | None = None
    ended: datetime | None = None
    ended_by: str | None = None
    reason: str | None = None
    unsure: frozenset[str] = frozenset()


def shape_of(d: Damage, session: Row | None, requests: list[Row], mechanic_id: str | None) -> Shape:
    """The standing of a session, or of requests that never had one. Raises `UnclearError`."""
    begun = _begun(d, session, requests, mechanic_id)
    shape = _of_request(d, requests[0], begun) if session is None else _of_session(d, session, requests, begun)
    return _checked(shape)


def _begun(d: Damage, session: Row | None, requests: list[Row], mechanic_id: str | None) -> Shape:
    """Made, and accepted by whom: the same for every status."""
    rows = [*requests, *([session] if session else [])]
    made = [row["created_at"] for row in rows if row["created_at"]]
    if not made:
        raise UnclearError("no time at which it was made")
    created = min(made)
    ends = [row["expires_at"] for row in rows if row["expires_at"] and row["expires_at"] > created]
    begun = Shape(Status.PENDING, created, ends[0] if ends else created + REQUEST_TIME)
    if mechanic_id is None:
        return begun
    accepted = _accepted(d, session, requests, mechanic_id)
    unsure = frozenset() if accepted else frozenset({"accepted"})
    return replace(begun, mechanic_id=mechanic_id, accepted=accepted or created, unsure=unsure)


def _accepted(d: Damage, session: Row | None, requests: list[Row], mechanic_id: str) -> datetime | None:
    told = [(row["mechanic_id"], row["accepted_at"]) for row in requests]
    if session is not None:
        told += [(row["mechanic_id"], row["accepted_at"]) for row in accepted_assignments(d, session)]
        events = events_of(d.old, session, ("mechanic_accepted", "assigned"))
        told += [(row["mechanic_id"], row["created_at"]) for row in events]
    return next((when for who, when in told if when and mechanic_id_of(d.old, who) == mechanic_id), None)


# --- requests without a session -------------------------------------------------------------------------------


def _of_request(d: Damage, request: Row, begun: Shape) -> Shape:
    status = request["status"]
    if is_accepted(request) and begun.accepted is not None:
        if d.now <= begun.accepted + STALE:
            return replace(begun, status=Status.WAITING)
        return _ended(begun, Status.CANCELLED, d.now, "accepted, but the old database had no session for it")
    if status == "pending":
        return _waiting_for_a_mechanic(d, request, begun)
    if status in {"expired", "unattended"}:
        return _ended(begun, Status.EXPIRED, begun.expires, "nobody accepted in time")
    if status in {"cancelled", "canceled"}:
        when = request["updated_at"] or begun.accepted or begun.created
        shape = _ended(begun, Status.CANCELLED, when, "cancelled")
        return shape if request["updated_at"] else replace(shape, unsure=shape.unsure | {"ended"})
    raise UnclearError(f"a request with the status {status or 'empty'}, and no session tells more")


def _waiting_for_a_mechanic(d: Damage, row: Row, begun: Shape) -> Shape:
    over = request_ends(row, 15)
    if over is not None and d.now > max(over, begun.expires):
        return _ended(begun, Status.EXPIRED, max(over, begun.expires), "nobody accepted in time")
    expires = max(begun.expires, over) if over else begun.expires
    return replace(begun, expires=expires, mechanic_id=None, accepted=None, unsure=frozenset())


# --- sessions -------------------------------------------------------------------------------------------------


def _of_session(d: Damage, session: Row, requests: list[Row], begun: Shape) -> Shape:
    status = meant(session["status"])
    if status in {"pending", "waiting"}:
        return _not_begun(d, session, requests, begun)
    if status == "live":
        return _live(d, session, begun)
    if status in {"completed", "cancelled"}:
        return _over(d, session, begun, completed=status == "completed")
    if status == "expired":
        return _expired(d, session, begun)
    if status == "scheduled":
        raise UnclearError("an appointment: there are none here")
    raise UnclearError(f"the status {session['status'] or 'empty'}, which nobody knows")


def _not_begun(d: Damage, session: Row, requests: list[Row], begun: Shape) -> Shape:
    gone = next((r["status"] for r in requests if r["status"] in {"cancelled", "expired"}), None)
    if gone:
        return _ended(begun, Status.CANCELLED, d.now, f"its request was {gone}")
    if begun.accepted is None:
        return _waiting_for_a_mechanic(d, session, begun)
    if session["started_at"] is not None:
        raise UnclearError("it waits, and has begun")
    if d.now > begun.accepted + STALE:
        return _ended(begun, Status.CANCELLED, d.now, "accepted, and never begun")
    return replace(begun, status=Status.WAITING)


def _live(d: Damage, session: Row, begun: Shape) -> Shape:
    started = first_start(d.old, session)
    if started is None or begun.mechanic_id is None:
        raise UnclearError("live, but without a start or without a mechanic")
    shape = replace(begun, status=Status.LIVE, started=started)
    over = planned_end(d.old, session)
    if over is not None and d.now > over:
        return _ended(shape, Status.COMPLETED, over, "its time was over")
    return shape


def _over(d: Damage, session: Row, begun: Shape, *, completed: bool) -> Shape:
    ended, started = known_end(d.old, session), first_start(d.old, session)
    if ended is None:
        raise UnclearError("over, but since when stands nowhere")
    if started is None:
        reason = "never started" if completed else "cancelled"
        return _ended(begun, Status.CANCELLED, ended, reason, session)
    if begun.mechanic_id is None:
        raise UnclearError("it ran, but with which mechanic stands nowhere")
    corrected = bool(session["metadata"].get("manual_correction"))
    status = Status.COMPLETED if completed or (ran(session) and not corrected) else Status.CANCELLED
    return _ended(replace(begun, started=started), status, ended, str(status), session)


def _expired(d: Damage, session: Row, begun: Shape) -> Shape:
    ended = known_end(d.old, session) or session["expires_at"]
    if ended is None:
        raise UnclearError("expired, but when stands nowhere")
    if begun.mechanic_id is None:
        return _ended(begun, Status.EXPIRED, ended, "nobody accepted in time")
    return _ended(begun, Status.CANCELLED, ended, "its time was over after it had been accepted", session)


def _ended(shape: Shape, status: Status, when: datetime, reason: str, session: Row | None = None) -> Shape:
    by, told = ("system", None) if session is None else (_by(session, shape), _why(session))
    return replace(shape, status=status, ended=when, ended_by=by, reason=(told or reason)[:500])


def _by(session: Row, shape: Shape) -> str:
    told: Any = session["metadata"].get("end_semantics")
    role = told.get("ended_by_role") if isinstance(told, dict) else None
    by = session["cancelled_by"]
    if "customer" in (role, by) or (by is not None and by == session["customer_user_id"]):
        return "customer"
    is_mechanic = "mechanic" in (role, by) or (by is not None and by == session["mechanic_id"])
    return "mechanic" if is_mechanic and shape.mechanic_id else "system"


def _why(session: Row) -> str | None:
    told: Any = session["metadata"].get("end_semantics")
    words = (session["cancellation_reason"], told.get("reason") if isinstance(told, dict) else None)
    return next((word for word in words if isinstance(word, str) and word.strip()), None)


def _checked(shape: Shape) -> Shape:
    times = [t for t in (shape.created, shape.accepted, shape.started, shape.ended) if t is not None]
    if times != sorted(times):
        raise UnclearError("its times are out of order")
    return shape
