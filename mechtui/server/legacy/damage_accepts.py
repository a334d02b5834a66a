"""Damage between request and session: accepted, and yet nobody finds it. K1 to K9, K12 to K14, K28, K29."""

from collections.abc import Iterator
from datetime import timedelta

from mechtui.server.legacy.kinds import Damage, Fate, Hit, hit, kind
from mechtui.server.legacy.links import NEAR, requests_made_for
from mechtui.server.legacy.people import mechanic_id_of
from mechtui.server.legacy.statuses import OPEN, OVER, meant
from mechtui.server.legacy.tables import Row

STALE = timedelta(hours=2)
"""After this the old shop gave up a session that had been accepted and never begun."""


def is_accepted(request: Row) -> bool:
    """Whether somebody accepted a request."""
    return request["status"] == "accepted" and request["mechanic_id"] is not None


def accepted_assignments(d: Damage, session: Row) -> list[Row]:
    """The assignments of a session that were accepted, the earliest first."""
    rows = d.old.where("session_assignments", "session_id", session.id)
    rows = [a for a in rows if a["status"] in {"accepted", "completed"} and a["mechanic_id"]]
    return sorted(rows, key=lambda a: (a["accepted_at"] is None, str(a["accepted_at"] or a["created_at"]), a.id))


@kind(1, "accepted request whose session nobody has, and nothing joins the two",
      "the one session that can be meant, and can be no other's, gets the mechanic and the time")  # fmt: skip
def k01(d: Damage) -> Iterator[Hit]:
    """The bug that started it all."""
    for request in d.old.all("session_requests"):
        session = d.links.sole_candidate(request)
        if is_accepted(request) and session is not None:
            yield hit(request, session)


@kind(2, "request that may belong to several sessions", "which one would be a guess", Fate.QUARANTINED)
def k02(d: Damage) -> Iterator[Hit]:
    """More than one candidate, or one that others want too."""
    for request in d.old.all("session_requests"):
        found = d.links.candidates.get(request.id, [])
        if found and d.links.sole_candidate(request) is None:
            yield hit(request, *found)


@kind(3, "accepted request whose session has no mechanic, or another one",
      "none: it gets the request's; another: who has it would be a guess")  # fmt: skip
def k03(d: Damage) -> Iterator[Hit]:
    """Linked, and yet they disagree."""
    for request in filter(is_accepted, d.old.all("session_requests")):
        session = d.links.session_of(request)
        if session is None:
            continue
        if session["mechanic_id"] is None:
            yield hit(request, session)
        elif mechanic_id_of(d.old, session["mechanic_id"]) != mechanic_id_of(d.old, request["mechanic_id"]):
            yield hit(session, request, fate=Fate.QUARANTINED)


@kind(4, "accepted request without a session",
      "becomes a session of its own: waiting while it is recent, else cancelled with that reason")  # fmt: skip
def k04(d: Damage) -> Iterator[Hit]:
    """Accepted, and then nothing."""
    yield from (hit(r) for r in _alone(d, "accepted"))


@kind(5, "open request without a session", "becomes a session of its own: pending, or expired when its time is over")
def k05(d: Damage) -> Iterator[Hit]:
    """Nothing was made beside it."""
    yield from (hit(r) for r in _alone(d, "pending"))


def _alone(d: Damage, status: str) -> Iterator[Row]:
    for request in d.old.all("session_requests"):
        if (
            request["status"] == status
            and d.links.session_of(request) is None
            and not d.links.candidates.get(request.id)
        ):
            yield request


@kind(6, "open session that no list shows: no request, no assignment",
      "goes into the queue, or is expired when its time is over; what a mechanic has stays his")  # fmt: skip
def k06(d: Damage) -> Iterator[Hit]:
    """Paid for, waiting, and invisible."""
    for session in d.old.all("sessions"):
        if session["status"] in OPEN and not (
            d.links.requests_of(session)
            or session.id in d.links.wanted_by
            or d.old.where("session_assignments", "session_id", session.id)
            or _is_twin(d, session)
        ):
            yield hit(session)


@kind(7, "session that waits or runs without a mechanic, and nobody ever accepted it",
      "waiting: goes back into the queue; live: with whom would be a guess")  # fmt: skip
def k07(d: Damage) -> Iterator[Hit]:
    """A mechanic is missing who never was."""
    for session in d.old.all("sessions"):
        if (
            session["status"] in {"waiting", "live"}
            and session["mechanic_id"] is None
            and not _was_accepted(d, session)
        ):
            yield hit(session, fate=Fate.QUARANTINED if session["status"] == "live" else None)


def _was_accepted(d: Damage, session: Row) -> bool:
    wanted = (d.old.get("session_requests", r) for r in d.links.wanted_by.get(session.id, []))
    requests = [*d.links.requests_of(session), *(r for r in wanted if r)]
    no_request = not requests and not d.old.where("session_assignments", "session_id", session.id)
    return any(map(is_accepted, requests)) or bool(accepted_assignments(d, session)) or no_request


@kind(8, "request in the queue that a mechanic has already", "accepted by him: it is his; else it would be a guess")
def k08(d: Damage) -> Iterator[Hit]:
    """Pending and held at once."""
    for session in d.old.all("sessions"):
        if session["status"] == "pending" and session["mechanic_id"] is not None:
            mine = mechanic_id_of(d.old, session["mechanic_id"])
            told = [*filter(is_accepted, d.links.requests_of(session)), *accepted_assignments(d, session)]
            proven = any(mechanic_id_of(d.old, row["mechanic_id"]) == mine for row in told)
            yield hit(session, fate=None if proven else Fate.QUARANTINED)


def twins_of(d: Damage, session: Row) -> list[Row]:
    """The sessions beside which an accept made this one anew."""
    payment = session["stripe_session_id"] or ""
    if not payment.startswith(("manual-", "req_")):
        return []
    requests = [r for name in requests_made_for(session) if (r := d.old.get("session_requests", name))]
    return [
        twin
        for request in requests
        for twin in d.old.where("sessions", "customer_user_id", session["customer_user_id"])
        if twin.id != session.id
        and (twin["type"], twin["mechanic_id"]) == (session["type"], None)
        and twin["status"] in OPEN
        and not d.links.requests_of(twin)
        and twin["created_at"] is not None
        and request["created_at"] is not None
        and abs(twin["created_at"] - request["created_at"]) <= NEAR
    ]


def _is_twin(d: Damage, session: Row) -> bool:
    others = d.old.where("sessions", "customer_user_id", session["customer_user_id"])
    return any(session in twins_of(d, other) for other in others if other.id != session.id)


@kind(9, "session that an accept made a second time",
      "they become one: the accepted one, with the first one's intake; several firsts: a guess")  # fmt: skip
def k09(d: Damage) -> Iterator[Hit]:
    """The old accept made a session where there was one."""
    for session in d.old.all("sessions"):
        twins = twins_of(d, session)
        if len(twins) == 1:
            yield hit(session, *twins)
        elif twins:
            yield hit(*twins, fate=Fate.QUARANTINED)


@kind(12, "request still open, though its session is over", "the session tells how it ended")
def k12(d: Damage) -> Iterator[Hit]:
    """Nobody closed the request."""
    for request in d.old.all("session_requests"):
        session = d.links.session_of(request)
        if session is not None and request["status"] in {"pending", "accepted"} and session["status"] in OVER:
            yield hit(request, session)


@kind(13, "assignment still open, though its session is over", "the session tells how it ended")
def k13(d: Damage) -> Iterator[Hit]:
    """Nobody closed the assignment."""
    for assignment in d.old.all("session_assignments"):
        session = d.old.get("sessions", assignment["session_id"])
        still_open = assignment["status"] in {"pending_waiver", "queued", "offered", "accepted"}
        if still_open and session is not None and session["status"] in OVER:
            yield hit(assignment, session)


@kind(14, "request cancelled or expired, though its session is still open",
      "not begun: the session is cancelled for that reason; live: it stays live")  # fmt: skip
def k14(d: Damage) -> Iterator[Hit]:
    """The customer went, and the session stayed."""
    for request in d.old.all("session_requests"):
        session = d.links.session_of(request)
        if session is not None and request["status"] in {"cancelled", "expired"} and meant(session["status"]) in OPEN:
            yield hit(request, session)


@kind(28, "session that was assigned several times over", "accepted by one mechanic: it is his; by several: a guess")
def k28(d: Damage) -> Iterator[Hit]:
    """More than one accepted, or more than one in the common queue."""
    for session in d.old.all("sessions"):
        accepted = accepted_assignments(d, session)
        every = d.old.where("session_assignments", "session_id", session.id)
        queued = [a for a in every if a["status"] == "queued" and a["mechanic_id"] is None]
        hands = {mechanic_id_of(d.old, a["mechanic_id"]) for a in accepted}
        if len(accepted) > 1 or len(queued) > 1:
            torn = session["mechanic_id"] is None and len(hands) > 1
            yield hit(session, *(accepted if len(accepted) > 1 else queued), fate=Fate.QUARANTINED if torn else None)


@kind(29, "accepted by one mechanic, held by another", "who has it would be a guess", Fate.QUARANTINED)
def k29(d: Damage) -> Iterator[Hit]:
    """None of those who accepted it has it."""
    for session in d.old.all("sessions"):
        hands = {mechanic_id_of(d.old, a["mechanic_id"]) for a in accepted_assignments(d, session)}
        if hands and session["mechanic_id"] and mechanic_id_of(d.old, session["mechanic_id"]) not in hands:
            yield hit(session, *accepted_assignments(d, session))
