"""The words that stand on the wire: types, states, kinds of events, codes of refusals; and the page each type has."""

from enum import StrEnum
from urllib.parse import quote


class SessionType(StrEnum):
    """What kind of help a customer asked for."""

    CHAT = "chat"
    VIDEO = "video"
    DIAGNOSTIC = "diagnostic"


_TYPES = frozenset(SessionType)


class Status(StrEnum):
    """Where a session stands between intake and end."""

    PENDING = "pending"
    WAITING = "waiting"
    LIVE = "live"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


ACTIVE = frozenset({Status.WAITING, Status.LIVE})
ENDED = frozenset({Status.COMPLETED, Status.CANCELLED, Status.EXPIRED})


class Kind(StrEnum):
    """What one event says happened."""

    CREATED = "created"
    ACCEPTED = "accepted"
    RELEASED = "released"
    JOINED = "joined"
    STARTED = "started"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    SUMMARY_SUBMITTED = "summary_submitted"
    RATED = "rated"
    PASSED = "passed"
    PASS_UNDONE = "pass_undone"
    EXTENDED = "extended"
    OFFERED = "offered"
    OFFER_WITHDRAWN = "offer_withdrawn"
    OFFER_DECLINED = "offer_declined"
    HANDED_OVER = "handed_over"
    FORGOTTEN = "forgotten"
    IMPORTED = "imported"
    REPAIRED = "repaired"


class UnknownSessionTypeError(ValueError):
    """No page is known for this type of session; there is no page to fall back to."""


def session_url(base: str, session_type: str, session_id: str) -> str:
    """The address of a session's page: `<base>/<type>/<id>`. The only place that knows it.

    Raises `UnknownSessionTypeError` for any type but the three, however close its spelling.
    """
    if session_type not in _TYPES:
        raise UnknownSessionTypeError(f"no page is known for a session of type {session_type!r}")
    return f"{base.rstrip('/')}/{session_type}/{quote(session_id, safe='')}"


class Code(StrEnum):
    """The stable codes of refusals. What is for people stands in `error`."""

    SIGNED_OUT = "SIGNED_OUT"
    FORBIDDEN = "FORBIDDEN"
    NOT_FOUND = "NOT_FOUND"
    METHOD_NOT_ALLOWED = "METHOD_NOT_ALLOWED"
    INVALID = "INVALID"
    TOO_LARGE = "TOO_LARGE"
    IDEMPOTENCY_KEY_REQUIRED = "IDEMPOTENCY_KEY_REQUIRED"
    IDEMPOTENCY_KEY_REUSED = "IDEMPOTENCY_KEY_REUSED"
    IN_FLIGHT = "IN_FLIGHT"
    CUSTOMER_HAS_OPEN_SESSION = "CUSTOMER_HAS_OPEN_SESSION"
    MECHANIC_HAS_ACTIVE_SESSION = "MECHANIC_HAS_ACTIVE_SESSION"
    ALREADY_TAKEN = "ALREADY_TAKEN"
    NOT_ELIGIBLE = "NOT_ELIGIBLE"
    REQUEST_EXPIRED = "REQUEST_EXPIRED"
    REQUEST_CANCELLED = "REQUEST_CANCELLED"
    REQUEST_ENDED = "REQUEST_ENDED"
    NOT_HELD = "NOT_HELD"
    NOT_ACCEPTED_YET = "NOT_ACCEPTED_YET"
    PASSED_ON = "PASSED_ON"
    COLLEAGUE_CANNOT = "COLLEAGUE_CANNOT"
    NO_OFFER = "NO_OFFER"
    SESSION_HELD = "SESSION_HELD"
    SESSION_LIVE = "SESSION_LIVE"
    SESSION_ENDED = "SESSION_ENDED"
    NOT_LIVE = "NOT_LIVE"
    NOT_COMPLETED = "NOT_COMPLETED"
    ALREADY_RATED = "ALREADY_RATED"
    ALREADY_SUMMARIZED = "ALREADY_SUMMARIZED"
    DATA_REMOVED = "DATA_REMOVED"
    TOO_OLD = "TOO_OLD"
    TOO_MANY = "TOO_MANY"
    TOO_SLOW = "TOO_SLOW"
    MISDIRECTED = "MISDIRECTED"
    UNAVAILABLE = "UNAVAILABLE"
