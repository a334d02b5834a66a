"""Sessions that change hands by agreement: an offer as it is shown to both, and who could be made one. Pure."""

from mechtui.changes import Departure
from mechtui.formatting import one_line, type_name
from mechtui.models import Availability, Colleague, HistoryRow, Kind, Session, Status


def waits(row: Session) -> bool:
    """Whether a row waits for this mechanic's word: an open request, or one in a colleague's hands offered to him."""
    return row.status == Status.PENDING or row.is_offer


def departure_of_offer(kind: str) -> Departure:
    """Why an offer left the list; `kind` is that of the event, or nothing where an answer of his own brought it."""
    return Departure.DECLINED if kind in {"", Kind.OFFER_DECLINED} else Departure.NO_OFFER


def departure(row: Session, kind: str) -> Departure:
    """Why an open request left the list."""
    if row.passed:
        return Departure.PASSED
    if row.mechanic is not None:
        return Departure.TAKEN
    if Status.EXPIRED in (row.status, kind):
        return Departure.EXPIRED
    return Departure.CANCELLED


def as_history(row: Session, outcome: str) -> HistoryRow:
    """A row as it stands in the history of its mechanic."""
    return HistoryRow.model_construct(**{**dict(row), "outcome": outcome})


def handed_over(row: Session) -> HistoryRow:
    """A row in the history of him it was taken over from: as the backend tells it, no more than the request was."""
    request = {
        "status": str(Status.PENDING), "mechanic": None, "accepted_at": None, "ended_at": None, "ended_by": None,
        "end_reason": None,
    }  # fmt: skip
    return as_history(row.model_copy(update=request), "handed")


def why_not(colleague: Colleague, session: Session) -> str:
    """Why a colleague could not take a session over just now; empty when he could."""
    if session.type not in colleague.types:
        return f"takes no {type_name(session.type).lower()} sessions"
    if colleague.availability != Availability.ON:
        return "on a break" if colleague.availability == Availability.BREAK else one_line(colleague.availability)
    if colleague.busy:
        return "busy with a session"
    return "" if colleague.here else "no terminal open"


def rank(colleague: Colleague, session: Session) -> tuple[bool, str]:
    """The order to offer colleagues in: those who could, by name, then the others."""
    return bool(why_not(colleague, session)), colleague.name
