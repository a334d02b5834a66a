"""Which old rows belong together: request and session, first of all. Nothing is guessed; what is open stays so."""

from dataclasses import dataclass, field
from datetime import timedelta

from mechtui.server.legacy import cells
from mechtui.server.legacy.tables import Old, Row

NEAR = timedelta(minutes=30)
"""How far request and session may lie apart. The old accept looked 5, then 10, then 30 minutes around."""
_MADE_BY_ACCEPT = ("manual-", "req_")


def requests_made_for(session: Row) -> list[str]:
    """The ids of requests that a session names as the ones it was made for."""
    payment = session["stripe_session_id"] or ""
    named = [payment.removeprefix(start) for start in _MADE_BY_ACCEPT if payment.startswith(start)]
    ids = [cells.quietly(cells.key, name) for name in (session["metadata"].get("request_id"), *named)]
    return [request_id for request_id in ids if request_id]


@dataclass
class Links:
    """The links of all rows. `of_request` is the session a request names, whether it is there or not."""

    old: Old
    of_request: dict[str, str] = field(default_factory=dict)
    of_session: dict[str, list[Row]] = field(default_factory=dict)
    candidates: dict[str, list[Row]] = field(default_factory=dict)
    wanted_by: dict[str, list[str]] = field(default_factory=dict)
    """For each session that is a candidate: the requests it may belong to."""

    def __post_init__(self) -> None:
        made_for: dict[str, str] = {}
        for session in sorted(self.old.all("sessions"), key=_created):
            for request_id in requests_made_for(session):
                made_for.setdefault(request_id, session.id)
        for request in sorted(self.old.all("session_requests"), key=_created):
            link = request["session_id"] or made_for.get(request.id) or self._by_parent(request)
            if link is not None:
                self.of_request[request.id] = link
                self.of_session.setdefault(link, []).append(request)
        for request in self.old.all("session_requests"):
            self._look_for_candidates(request)

    def session_of(self, request: Row) -> Row | None:
        """The session a request belongs to, by what the two say."""
        return self.old.get("sessions", self.of_request.get(request.id))

    def requests_of(self, session: Row) -> list[Row]:
        """The requests that belong to a session, the oldest first."""
        return self.of_session.get(session.id, [])

    def sole_candidate(self, request: Row) -> Row | None:
        """The one session that can be this request's, when it can be no other's either."""
        found = self.candidates.get(request.id, [])
        return found[0] if len(found) == 1 and len(self.wanted_by[found[0].id]) == 1 else None

    def is_second_meaning(self, request: Row) -> bool:
        """Whether its parent is a session that had ended before: then the request follows it, and is not its own."""
        parent = self.old.get("sessions", request["parent_session_id"])
        if request["is_follow_up"] or parent is None or request["session_id"]:
            return False
        ended, created = parent.at("ended_at"), request.at("created_at")
        return ended is not None and created is not None and ended < created

    def _by_parent(self, request: Row) -> str | None:
        parent: str | None = request["parent_session_id"]
        return None if request["is_follow_up"] or self.is_second_meaning(request) else parent

    def _look_for_candidates(self, request: Row) -> None:
        created = request.at("created_at")
        if request.id in self.of_request or request["status"] not in {"pending", "accepted"} or created is None:
            return
        for session in self.old.where("sessions", "customer_user_id", request["customer_id"]):
            at = session.at("created_at")
            if (
                session["type"] == request["session_type"]
                and session["mechanic_id"] is None
                and session["status"] in {"pending", "waiting"}
                and session.id not in self.of_session
                and at is not None
                and abs(at - created) <= NEAR
            ):
                self.candidates.setdefault(request.id, []).append(session)
                self.wanted_by.setdefault(session.id, []).append(request.id)


def _created(row: Row) -> tuple[bool, str, str]:
    at = row.at("created_at")
    return (at is None, at.isoformat() if at else "", row.id)
