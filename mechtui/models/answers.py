"""What the backend says.

All times are UTC and made by the server. Money is in cents. Text is exactly what was submitted: whoever shows it
passes it through `mechtui.text` first.
"""

from datetime import datetime
from typing import Any, Generic, TypeVar

from pydantic import ConfigDict

from mechtui.models.base import Answer
from mechtui.models.colleagues import Availability


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

    `offered_to` only its holder sees, `offered_by` only the colleague he offers it to.
    `forgotten_at` is when the customer's personal data was removed from it.
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
    photos_count: int = 0
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
    rating_comment: str | None = None
    has_summary: bool = False
    passed: bool = False
    offered_to: Person | None = None
    offered_by: Person | None = None
    offer_note: str | None = None
    forgotten_at: datetime | None = None
    version: int
    url: str | None = None

    @property
    def is_offer(self) -> bool:
        """Whether a colleague holds it and offers it to its viewer."""
        return self.offered_by is not None


def extension_cents(plan: Plan, minutes: int) -> int:
    """What so many more minutes cost: as much each as those booked, rounded to the cent."""
    return (plan.price_cents * minutes + plan.minutes // 2) // plan.minutes


class HistoryRow(Session):
    """A session its viewer had a hand in; `outcome` is how it stands or ended *for him*.

    `active`, `completed`, `cancelled`, `expired`, `released` when he gave it back, `handed` when a colleague took it
    over from him, or `passed` when he passed on it; of the last three no more is told than was on the open request.
    """

    outcome: str


NOT_HIS = frozenset({"released", "passed", "handed"})
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
    """One line of a session's append-only log, as its reader may see it.

    `other` is the colleague of an offer; of a session handed over, whom the mechanic has it from.
    """

    seq: int
    kind: str
    at: datetime
    actor: str
    mechanic: Person | None = None
    other: Person | None = None
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
    availability: str = Availability.ON
    counts: Counts
    seq: int
    server_now: datetime


class Audit(Answer):
    """How many sessions are lost, of how many there are: those that nobody would find where he looks."""

    lost: int
    of: int


class Health(Answer):
    """What the backend says of itself to anybody: `status` is `ok`, or `not ready` with the reason.

    `lost` sessions `of` how many, as in `Audit`. Null before the first look.
    """

    status: str
    why: str = ""
    version: str
    api: int
    server_now: datetime
    lost: int | None = None
    of: int | None = None


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
