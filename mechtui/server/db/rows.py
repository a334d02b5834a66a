"""A session as the database holds it, and as its viewers may see it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from mechtui.config import Rules
from mechtui.models import ACTIVE, Status, session_url
from mechtui.server.clock import shifted
from mechtui.server.db.connection import Connection


class SessionRow(NamedTuple):
    """One session with what every view of it needs: what changes, then what the request was made of.

    Field for field the columns of `SELECT_SESSION`.
    """

    id: str
    status: str
    version: int
    expires_at: str
    accepted_at: str | None
    mechanic_joined_at: str | None
    customer_joined_at: str | None
    started_at: str | None
    ended_at: str | None
    ended_by: str | None
    end_reason: str | None
    mechanic_id: str | None
    mechanic_name: str | None
    rating: int | None
    rating_comment: str | None
    has_summary: int
    offered_to_id: str | None
    offered_to_name: str | None
    offer_note: str | None
    forgotten_at: str | None

    type: str
    urgent: int
    created_at: str
    minutes: int
    price_cents: int
    plan_code: str
    plan_name: str
    customer_name: str
    year: str | None
    make: str | None
    model: str | None
    vin: str | None
    plate: str | None
    odometer: str | None
    concern: str
    files_count: int
    photos_count: int

    @property
    def is_active(self) -> bool:
        """Whether a mechanic has it and it has not ended."""
        return self.status in ACTIVE


SELECT_SESSION = """
SELECT s.id, s.status, s.version, s.expires_at, s.accepted_at, s.mechanic_joined_at, s.customer_joined_at,
  s.started_at, s.ended_at, s.ended_by, s.end_reason, s.mechanic_id, m.name,
  (SELECT r.rating FROM session_reviews r WHERE r.session_id = s.id),
  (SELECT r.comment FROM session_reviews r WHERE r.session_id = s.id),
  EXISTS (SELECT 1 FROM session_summaries y WHERE y.session_id = s.id),
  h.to_id, o.name, h.note, s.forgotten_at,
  s.type, s.urgent, s.created_at, s.minutes, s.price_cents, s.plan_code, p.name,
  i.name, i.year, i.make, i.model, i.vin, i.plate, i.odometer, i.concern,
  (SELECT count(*) FROM intake_files f WHERE f.intake_id = s.intake_id),
  (SELECT count(*) FROM intake_files f JOIN thumbs t ON t.file_id = f.id WHERE f.intake_id = s.intake_id)
FROM sessions s
JOIN intakes i ON i.id = s.intake_id
JOIN plans p ON p.code = s.plan_code
LEFT JOIN mechanics m ON m.id = s.mechanic_id
LEFT JOIN handovers h ON h.session_id = s.id
LEFT JOIN mechanics o ON o.id = h.to_id
"""
_ONE_SESSION = f"{SELECT_SESSION} WHERE s.id = ?"
_THESE_SESSIONS = f"{SELECT_SESSION} WHERE s.id IN ({{keys}})"


def read_session(connection: Connection, session_id: str) -> SessionRow | None:
    """The session with this id, or nothing."""
    for row in connection.execute(_ONE_SESSION, (session_id,)):
        return SessionRow._make(row)
    return None


def read_sessions(connection: Connection, ids: Iterable[str]) -> list[SessionRow]:
    """The sessions with these ids that there are, in any order."""
    return list(map(SessionRow._make, connection.for_each(_THESE_SESSIONS, dict.fromkeys(ids, ""), {})))


@dataclass(frozen=True)
class Shop:
    """What a backend goes by: its rules, where session pages are, and the shop's name if it was told."""

    rules: Rules
    public_url: str
    name: str = ""


def own_view(row: SessionRow, shop: Shop) -> dict[str, Any]:
    """The row as its customer and the desk see it, with its page's address while it is open."""
    view = _common_view(row)
    if row.is_active:
        view["url"] = session_url(shop.public_url, row.type, row.id)
    if row.status == Status.WAITING and row.accepted_at is not None:
        view["join_by"] = shifted(row.accepted_at, shop.rules.join_seconds)
    return view


def holder_view(row: SessionRow, shop: Shop) -> dict[str, Any]:
    """The row as its holder sees it: to whom he offers it, too."""
    to = row.offered_to_id and {"id": row.offered_to_id, "name": row.offered_to_name}
    return own_view(row, shop) | {"offered_to": to}


def offered_view(row: SessionRow) -> dict[str, Any]:
    """The row as a colleague sees it to whom it is offered: an open request, by whom and why, and how long it runs."""
    by = {"id": row.mechanic_id, "name": row.mechanic_name}
    return open_view(row) | {"started_at": row.started_at, "offered_by": by, "offer_note": row.offer_note}


def open_view(row: SessionRow) -> dict[str, Any]:
    """The row as every eligible mechanic sees it. Of one that is no longer open: who has it, and no more."""
    return _common_view(row) | {
        "mechanic_joined_at": None,
        "customer_joined_at": None,
        "started_at": None,
        "rating": None,
        "rating_comment": None,
        "has_summary": False,
    }


def former_view(row: SessionRow) -> dict[str, Any]:
    """The row as one sees it who gave it back: the open request as it was then."""
    return open_view(row) | {
        "status": str(Status.PENDING),
        "mechanic": None,
        "accepted_at": None,
        "ended_at": None,
        "ended_by": None,
        "end_reason": None,
    }


def vehicle_label(year: str | None, make: str | None, model: str | None) -> str:
    """Year, make and model in one line; empty when none was given."""
    return " ".join(part for part in (year, make, model) if part)


def _common_view(row: SessionRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "type": row.type,
        "status": row.status,
        "customer_name": row.customer_name,
        "vehicle": _vehicle(row),
        "concern": row.concern,
        "passed": False,
        "urgent": bool(row.urgent),
        "files_count": row.files_count,
        "photos_count": row.photos_count,
        "plan": {
            "code": row.plan_code,
            "name": row.plan_name,
            "minutes": row.minutes,
            "price_cents": row.price_cents,
        },
        "mechanic": row.mechanic_id and {"id": row.mechanic_id, "name": row.mechanic_name},
        "created_at": row.created_at,
        "expires_at": row.expires_at,
        "accepted_at": row.accepted_at,
        "join_by": None,
        "mechanic_joined_at": row.mechanic_joined_at,
        "customer_joined_at": row.customer_joined_at,
        "started_at": row.started_at,
        "ended_at": row.ended_at,
        "ended_by": row.ended_by,
        "end_reason": row.end_reason,
        "rating": row.rating,
        "rating_comment": row.rating_comment,
        "has_summary": bool(row.has_summary),
        "offered_to": None,
        "offered_by": None,
        "offer_note": None,
        "forgotten_at": row.forgotten_at,
        "version": row.version,
        "url": None,
    }


def _vehicle(row: SessionRow) -> dict[str, Any]:
    return {
        "year": row.year,
        "make": row.make,
        "model": row.model,
        "vin": row.vin,
        "plate": row.plate,
        "odometer": row.odometer,
        "label": vehicle_label(row.year, row.make, row.model),
    }
