"""Why a transition was refused, read off the row that stood in its way: how it ended, by whom and when."""

from mechtui.models import ENDED, Code, Status
from mechtui.server.db.rows import SessionRow
from mechtui.server.refusal import Refusal

CUSTOMER = {"id": "customer", "name": "the customer"}
SYSTEM = {"id": "system", "name": "the clock"}


def already_taken(row: SessionRow) -> Refusal:
    """Somebody else has it: who, and since when."""
    by = {"id": row.mechanic_id, "name": row.mechanic_name}
    return Refusal(409, Code.ALREADY_TAKEN, f"{row.mechanic_name} took this request first.", by=by, at=row.accepted_at)


def request_is_over(row: SessionRow) -> Refusal:
    """It is no longer open: how it ended, by whom and when."""
    by, at = _ended_by(row)
    if row.status in (Status.EXPIRED, Status.PENDING):
        return Refusal(410, Code.REQUEST_EXPIRED, "This request expired: nobody took it in time.", by=by, at=at)
    if row.status == Status.CANCELLED:
        return Refusal(410, Code.REQUEST_CANCELLED, f"This request was cancelled by {by['name']}.", by=by, at=at)
    return Refusal(410, Code.REQUEST_ENDED, "This session has ended.", by=by, at=at)


def _ended_by(row: SessionRow) -> tuple[dict[str, str | None], str]:
    at = row.ended_at or row.expires_at
    if row.ended_by == "mechanic":
        return {"id": row.mechanic_id, "name": row.mechanic_name}, at
    return dict(CUSTOMER if row.ended_by == "customer" else SYSTEM), at


def not_live(row: SessionRow) -> Refusal:
    """Only a live session can be extended: say what this one is."""
    if row.status in ENDED:
        return session_has_ended(row)
    return Refusal(409, Code.NOT_LIVE, "The session is not live yet.")


def session_has_ended(row: SessionRow) -> Refusal:
    """Nothing of it can be changed any more: how it ended, by whom and when."""
    by, at = _ended_by(row)
    return Refusal(410, Code.SESSION_ENDED, "This session has ended.", by=by, at=at)
