"""The words on the wire, shared by server and client.

Requests forbid unknown fields, so a typing error is told and never ignored. Answers tolerate them, so a newer
server can talk to an older terminal. `type`, `status` and `kind` are plain text in answers for the same reason:
a word this version does not know still makes a row, and a row is never hidden.

All times are UTC and made by the server. Money is in cents. Text is exactly what was submitted: whoever shows it
passes it through `mechtui.text` first.
"""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Generic, TypeVar
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field

API_VERSION = 1
"""Raised when an older client could misread an answer."""

TEXT_LIMIT = 20_000
"""Longest text of several lines taken, in characters; a longer one is a 422."""
LINE_LIMIT = 2_000
"""Longest single line taken. What a row is made of is bounded by it, so that a frame of the feed is, too."""

FILES_LIMIT = 12
FILE_BYTES_LIMIT = 8 * 1024 * 1024


class SessionType(StrEnum):
    """What kind of help a customer asked for."""

    CHAT = "chat"
    VIDEO = "video"
    DIAGNOSTIC = "diagnostic"


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


class UnknownSessionTypeError(ValueError):
    """No page is known for this type of session; there is no page to fall back to."""


def session_url(base: str, session_type: str, session_id: str) -> str:
    """The address of a session's page: `<base>/<type>/<id>`. The only place that knows it.

    Raises `UnknownSessionTypeError` for any type but the three, however close its spelling.
    """
    if session_type not in set(SessionType):
        raise UnknownSessionTypeError(f"no page is known for a session of type {session_type!r}")
    return f"{base.rstrip('/')}/{session_type}/{quote(session_id, safe='')}"


class Answer(BaseModel):
    """Base of all that the server says: unknown fields are let pass."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Request(BaseModel):
    """Base of all that a client asks: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


# --- what both sides speak of -------------------------------------------------------------------------------


class Person(Answer):
    """A mechanic as others see him."""

    id: str
    name: str


class Vehicle(Answer):
    """The vehicle as stated; `label` is its year, make and model in one line."""

    year: str | None = None
    make: str | None = None
    model: str | None = None
    vin: str | None = None
    plate: str | None = None
    odometer: str | None = None
    label: str = ""


class Plan(Answer):
    """What was booked: `minutes` of a session of one type for `price_cents`."""

    code: str
    name: str
    minutes: int
    price_cents: int


class Session(Answer):
    """The one row from intake to end, as its viewer may see it.

    `url` is there only while the session is open to its viewer; `passed` says that he passed on this request. A waiting
    session not joined by `join_by` is flagged;
    nothing takes it away.
    """

    id: str
    type: str
    status: str
    customer_name: str
    vehicle: Vehicle
    concern: str
    urgent: bool
    files_count: int
    plan: Plan | None = None
    mechanic: Person | None = None
    created_at: datetime
    expires_at: datetime
    accepted_at: datetime | None = None
    join_by: datetime | None = None
    mechanic_joined_at: datetime | None = None
    customer_joined_at: datetime | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    ended_by: str | None = None
    end_reason: str | None = None
    rating: int | None = None
    has_summary: bool = False
    passed: bool = False
    version: int
    url: str | None = None


def extension_cents(plan: Plan, minutes: int) -> int:
    """What so many more minutes cost: as much each as those booked, rounded to the cent."""
    return (plan.price_cents * minutes + plan.minutes // 2) // plan.minutes


class HistoryRow(Session):
    """A session its viewer had a hand in; `outcome` is how it stands or ended *for him*.

    `active`, `completed`, `cancelled`, `expired`, `released` when he gave it back, or `passed` when he passed on it; of
    the last two no more is told than was on the open request.
    """

    outcome: str


NOT_HIS = frozenset({"released", "passed"})
"""Outcomes of requests that, in the end, were not his."""


class FileInfo(Answer):
    """A file of an intake; its content is at `/api/sessions/{id}/files/{file}`.

    With `picture` a small picture of it is at `/api/sessions/{id}/files/{file}/thumb`.
    """

    id: str
    name: str
    mime: str | None = None
    bytes: int
    picture: bool = False


class Intake(Answer):
    """Every field as the customer submitted it. `email` and `phone` are null until the reader holds the session."""

    session_id: str
    type: str
    plan: str | None = None
    urgent: bool = False
    name: str
    email: str | None = None
    phone: str | None = None
    contact_hidden: bool = False
    city: str | None = None
    year: str | None = None
    make: str | None = None
    model: str | None = None
    vin: str | None = None
    plate: str | None = None
    odometer: str | None = None
    concern: str
    drivable: bool | None = None
    history: tuple[str, ...] = ()
    files: tuple[FileInfo, ...] = ()
    created_at: datetime


class Summary(Answer):
    """What the mechanic wrote down after a session."""

    findings: str
    steps_taken: str
    parts_needed: str | None = None
    next_steps: str
    submitted_at: datetime


class Review(Answer):
    """What the customer said of a session."""

    rating: int
    comment: str | None = None
    created_at: datetime


class TimelineEvent(Answer):
    """One line of a session's append-only log, as its reader may see it."""

    seq: int
    kind: str
    at: datetime
    actor: str
    mechanic: Person | None = None
    reason: str | None = None


class Attempt(Answer):
    """A mechanic who accepted a request too late."""

    mechanic: Person
    at: datetime


class SessionDetail(Answer):
    """One session with all that hangs on it."""

    session: Session
    events: tuple[TimelineEvent, ...] = ()
    attempts: tuple[Attempt, ...] = ()
    summary: Summary | None = None
    review: Review | None = None


class Report(Answer):
    """All of a completed session that its customer takes home. `shop` is empty where the backend was given no name."""

    shop: str
    session: Session
    intake: Intake
    events: tuple[TimelineEvent, ...] = ()
    summary: Summary | None = None
    review: Review | None = None
    made_at: datetime


class Counts(Answer):
    """The four numbers in the tabs."""

    incoming: int = 0
    active: int = 0
    completed: int = 0
    history: int = 0


class Me(Answer):
    """The mechanic a token belongs to, with his counts at `seq`."""

    id: str
    name: str
    types: tuple[str, ...]
    counts: Counts
    seq: int
    server_now: datetime


class Health(Answer):
    """What the backend says of itself to anybody."""

    status: str
    version: str
    api: int
    server_now: datetime


Row = TypeVar("Row", bound=Session)


class Page(Answer, Generic[Row]):
    """One page of a list; `next_cursor` is null on the last, `prev_cursor` on the first.

    `total` counts all pages, `seq` dates them. `skipped` is how many rows come before the page, where it was asked for
    by a day.
    """

    items: tuple[Row, ...]
    next_cursor: str | None = None
    prev_cursor: str | None = None
    skipped: int = 0
    total: int
    seq: int
    server_now: datetime


# --- what a client asks -------------------------------------------------------------------------------------

Text = Annotated[str, Field(max_length=TEXT_LIMIT)]
Line = Annotated[str, Field(max_length=LINE_LIMIT)]
_SOMETHING = Field(min_length=1, pattern=r"\S")


class FileUpload(Request):
    """A file inside a submit; `data` is base64."""

    name: Annotated[Line, Field(min_length=1)]
    mime: Line | None = None
    data: Annotated[str, Field(max_length=FILE_BYTES_LIMIT * 4 // 3 + 4)]


class SubmitRequest(Request):
    """What the customer filled in. Only type, name and concern are required."""

    type: SessionType
    plan: Annotated[str, Field(max_length=64)] | None = None
    urgent: bool = False
    name: Annotated[Line, _SOMETHING]
    email: Line | None = None
    phone: Line | None = None
    city: Line | None = None
    year: Line | None = None
    make: Line | None = None
    model: Line | None = None
    vin: Line | None = None
    plate: Line | None = None
    odometer: Line | None = None
    concern: Annotated[Text, _SOMETHING]
    drivable: bool | None = None
    history: Annotated[tuple[Text, ...], Field(max_length=200)] = ()
    files: Annotated[tuple[FileUpload, ...], Field(max_length=FILES_LIMIT)] = ()


class AcceptRequest(Request):
    """Which request to accept; spelt as in the origin."""

    requestId: Annotated[str, Field(min_length=1, max_length=64)]  # noqa: N815


class ReasonRequest(Request):
    """Why something is given back, ended or cancelled; may be empty."""

    reason: Line = ""


class ExtendRequest(Request):
    """So many more minutes for a live session, at the price of those booked; the customer has agreed."""

    minutes: int = Field(ge=1, le=120)


class RateRequest(Request):
    """The customer's verdict, one to five."""

    rating: Annotated[int, Field(ge=1, le=5)]
    comment: Text | None = None


class SummaryRequest(Request):
    """What the mechanic writes down after a completed session. Only the parts may be left out."""

    findings: Annotated[Text, _SOMETHING]
    steps_taken: Annotated[Text, _SOMETHING]
    parts_needed: Text | None = None
    next_steps: Annotated[Text, _SOMETHING]


# --- what comes back from a wish ----------------------------------------------------------------------------


class Submitted(Answer):
    """A new request, and the token that lets its customer act on it."""

    session: Session
    customer_token: str


class Accepted(Answer):
    """The request is yours; spelt as in the origin."""

    sessionId: str  # noqa: N815
    session: Session


class Changed(Answer):
    """The session after a wish was carried out."""

    session: Session


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
    SESSION_HELD = "SESSION_HELD"
    SESSION_LIVE = "SESSION_LIVE"
    SESSION_ENDED = "SESSION_ENDED"
    NOT_LIVE = "NOT_LIVE"
    NOT_COMPLETED = "NOT_COMPLETED"
    ALREADY_RATED = "ALREADY_RATED"
    ALREADY_SUMMARIZED = "ALREADY_SUMMARIZED"
    TOO_OLD = "TOO_OLD"
    UNAVAILABLE = "UNAVAILABLE"


class Problem(Answer):
    """A refusal: `error` for people, `code` for programs, the rest as the code needs it."""

    model_config = ConfigDict(extra="allow", frozen=True)

    error: str
    code: str
    by: Person | None = None
    at: datetime | None = None
    session_id: str | None = None
    url: str | None = None
    fields: tuple[dict[str, Any], ...] = ()
