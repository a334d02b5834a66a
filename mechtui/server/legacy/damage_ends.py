"""Damage in how sessions end, and who has how many. K10, K11, K15 to K21, K34."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta

from mechtui.server.legacy.damage_accepts import STALE, accepted_assignments, twins_of
from mechtui.server.legacy.kinds import Damage, Fate, Hit, hit, kind
from mechtui.server.legacy.people import mechanic_id_of
from mechtui.server.legacy.plans_of_old import minutes_of
from mechtui.server.legacy.statuses import KNOWN, OPEN, meant
from mechtui.server.legacy.tables import Old, Row

SHORTEST = timedelta(seconds=60)
"""What ran as long as this was no cancelled session."""
_BEGINS = ("joined", "started")
_ENDS = ("ended", "cancelled", "expired", "timeout")


def events_of(old: Old, session: Row, kinds: tuple[str, ...]) -> list[Row]:
    """The events of these kinds, the earliest first; those without a time left out."""
    rows = [e for e in old.where("session_events", "session_id", session.id) if e["event_type"] in kinds]
    return sorted((e for e in rows if e["created_at"]), key=lambda e: (e["created_at"], e.id))


def first_start(old: Old, session: Row) -> datetime | None:
    """When it began: as it says, else as its events say."""
    events = events_of(old, session, _BEGINS)
    return session.at("started_at") or (events[0].at("created_at") if events else None)


def known_end(old: Old, session: Row) -> datetime | None:
    """When it ended: as it says, else as its cancellation or its events say."""
    events = events_of(old, session, _ENDS)
    last = events[-1].at("created_at") if events else None
    return session.at("ended_at") or session.at("cancelled_at") or last


def mechanics_known(d: Damage, session: Row) -> set[str | None]:
    """Everybody of whom requests, assignments and events say that he had the session."""
    events = events_of(d.old, session, ("mechanic_accepted", "assigned"))
    requests = [r for r in d.links.requests_of(session) if r["status"] in {"accepted", "completed"}]
    told = [*requests, *accepted_assignments(d, session), *events]
    return {mechanic_id_of(d.old, row["mechanic_id"]) for row in told if row["mechanic_id"]}


def planned_end(old: Old, session: Row) -> datetime | None:
    """When a session that began is over by its plan and what it was extended by."""
    started = session.at("started_at")
    more = sum(max(e["minutes"] or 0, 0) for e in old.where("session_extensions", "session_id", session.id))
    return started and started + timedelta(minutes=minutes_of(old, session["plan"], session["type"]) + more)


def request_ends(row: Row, minutes: int) -> datetime | None:
    """When nobody waits any more: as the row says, else so long after it was made."""
    created = row.at("created_at")
    return row.at("expires_at") or (created and created + timedelta(minutes=minutes))


@kind(10, "mechanic with several sessions in hand", "the one that is live stays; which of the others would be a guess",
      Fate.QUARANTINED)  # fmt: skip
def k10(d: Damage) -> Iterator[Hit]:
    """Waiting or live more than once."""
    held = defaultdict(list)
    for session in d.old.all("sessions"):
        if session["status"] in {"waiting", "live"} and session["mechanic_id"]:
            held[mechanic_id_of(d.old, session["mechanic_id"])].append(session)
    yield from (hit(*rows) for rows in held.values() if len(rows) > 1)


@kind(11, "customer with several open sessions",
      "the furthest stays: live, waiting, else the newest; the others are set aside", Fate.QUARANTINED)  # fmt: skip
def k11(d: Damage) -> Iterator[Hit]:
    """Open more than once."""
    waiting = defaultdict(list)
    for session in d.old.all("sessions"):
        if session["status"] in OPEN and session["customer_user_id"]:
            waiting[session["customer_user_id"]].append(session)
    for rows in waiting.values():
        if len([r for r in rows if not _known_by_request(d, r)]) > 1:
            yield hit(*rows)


def _known_by_request(d: Damage, session: Row) -> bool:
    """Whether another kind speaks of it: K2 of candidates, K9 of twins."""
    others = d.old.where("sessions", "customer_user_id", session["customer_user_id"])
    return session.id in d.links.wanted_by or any(session in twins_of(d, other) for other in others)


@kind(15, "completed, but never started", "its events tell when; else it is cancelled: never started")
def k15(d: Damage) -> Iterator[Hit]:
    """No start stands anywhere, or only in the events."""
    yield from (hit(s) for s in d.old.all("sessions") if s["status"] == "completed" and s["started_at"] is None)


@kind(16, "completed without a mechanic", "whom everything else names; where nothing does, or several, a guess")
def k16(d: Damage) -> Iterator[Hit]:
    """Somebody did the work."""
    for session in d.old.all("sessions"):
        if session["status"] == "completed" and session["mechanic_id"] is None:
            yield hit(session, fate=None if len(mechanics_known(d, session)) == 1 else Fate.QUARANTINED)
    for request in d.old.all("session_requests"):
        if request["status"] == "completed" and request["mechanic_id"] is None:
            linked = d.links.session_of(request)
            if linked is None or linked["mechanic_id"] is not None:
                yield hit(request, fate=None if linked else Fate.QUARANTINED)


@kind(17, "cancelled, though it ran for a minute or more", "completed, unless somebody corrected it by hand")
def k17(d: Damage) -> Iterator[Hit]:
    """The old end went by what the client said."""
    for session in d.old.all("sessions"):
        if session["status"] == "cancelled" and ran(session) and not session["metadata"].get("manual_correction"):
            yield hit(session)


def ran(session: Row) -> bool:
    """Whether it ran long enough to be completed."""
    started, ended = session.at("started_at"), session.at("ended_at")
    return started is not None and ended is not None and ended - started >= SHORTEST


@kind(18, "live, though its time is over", "completed at its planned end, as the old shop's own timer did")
def k18(d: Damage) -> Iterator[Hit]:
    """The timer never came."""
    for session in d.old.all("sessions"):
        end = planned_end(d.old, session)
        if session["status"] == "live" and end is not None and d.now > end:
            yield hit(session)


@kind(19, "waiting for far too long", "a request is expired; what was accepted and never begun is cancelled")
def k19(d: Damage) -> Iterator[Hit]:
    """Forgotten."""
    for session in d.old.all("sessions"):
        end = request_ends(session, 120)
        if session["status"] == "pending" and end is not None and d.now > end:
            yield hit(session)
        made = session.at("created_at")
        if session["status"] == "waiting" and session["started_at"] is None and made and d.now > made + STALE:
            yield hit(session)
    for request in d.old.all("session_requests"):
        end = request_ends(request, 15)
        if request["status"] == "pending" and end is not None and d.now > end:
            yield hit(request)


@kind(20, "times that are missing or out of order", "an end that is missing stands elsewhere; else it would be a guess",
      Fate.QUARANTINED)  # fmt: skip
def k20(d: Damage) -> Iterator[Hit]:
    """Ended before it began."""
    for session in d.old.all("sessions"):
        end, start, made = session.at("ended_at"), session.at("started_at"), session.at("created_at")
        is_open = session["status"] in OPEN
        disorder = (end and start and end < start) or (start and made and start < made) or (is_open and end)
        if disorder or (made is None) or (session["status"] == "live" and first_start(d.old, session) is None):
            yield hit(session)
        elif session["status"] in {"completed", "cancelled", "expired"} and end is None:
            found = known_end(d.old, session) or (session["status"] == "expired" and session.at("expires_at"))
            yield hit(session, fate=Fate.REPAIRED if found else None)
    for request in d.old.all("session_requests"):
        made, accepted = request.at("created_at"), request.at("accepted_at")
        if made is None or (accepted is not None and accepted < made):
            yield hit(request)


@kind(21, "status that is no status", "what the old code meant by it; a word that nobody knows would be a guess")
def k21(d: Damage) -> Iterator[Hit]:
    """Every place in the old code had its own words."""
    for session in d.old.all("sessions"):
        if session["status"] not in KNOWN:
            words = f"status {session['status'] or 'empty'}"
            yield hit(session, fate=None if meant(session["status"]) else Fate.QUARANTINED, words=words)


@kind(34, "customer with several open requests", "the newest stays; the others are set aside", Fate.QUARANTINED)
def k34(d: Damage) -> Iterator[Hit]:
    """He asked again."""
    asked = defaultdict(list)
    for request in d.old.all("session_requests"):
        if request["status"] == "pending" and request["customer_id"]:
            asked[request["customer_id"]].append(request)
    for rows in asked.values():
        if len(rows) > 1:
            yield hit(*sorted(rows, key=lambda r: (str(r["created_at"] or ""), r.id))[:-1])
