"""What stands in the cells of a row. Pure.

A row is the same line of text for as long as its session, its mark and the visible part of its clocks are the same.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo

from rich.cells import cell_len

from mechtui.actions import own_key
from mechtui.changes import Claim, Departure, Leaving
from mechtui.columns import Column
from mechtui.earlier import EarlierPage
from mechtui.fit import Fit
from mechtui.formatting import (
    ELLIPSIS,
    Line,
    Piece,
    Tone,
    ago,
    compact,
    day_and_time,
    fit,
    is_wider,
    marked,
    one_line,
    person_short,
    plan_words,
    removed_words,
    running,
    time_of_day,
    type_words,
    vehicle_short,
)
from mechtui.key_names import Named
from mechtui.models import ACTIVE, HistoryRow, Person, Session, Status
from mechtui.pictures import Picture
from mechtui.rows import Tab
from mechtui.search.marks import NO_MARKS, Marks
from mechtui.search.predicate import waited
from mechtui.vehicle.codes import OWN_CODES, Codes
from mechtui.vehicle.words import badge

LOW_SECONDS = 120
"""A request with less time left than this is pointed out."""
LOW_PLAN_SECONDS = 300
"""A live session with less of its plan left than this is pointed out."""


@dataclass(frozen=True)
class Look:
    """What a row looks like besides its session: the moment, what is known of it here, and who looks."""

    now: datetime
    zone: tzinfo
    me: str = ""
    claim: Claim | None = None
    leaving: Leaving | None = None
    snoozed: datetime | None = None
    readers: tuple[str, ...] = ()
    selected: bool = False
    old: bool = False
    draft: bool = False
    marks: Marks = NO_MARKS
    codes: Codes = OWN_CODES
    earlier: EarlierPage | None = None
    fit: Fit | None = None
    pictures: Mapping[str, Picture] = field(default_factory=dict)
    key: Named = own_key


def cells(tab: Tab, row: Session, columns: tuple[Column, ...], look: Look) -> Line:
    """One row as a line: the mark, then the columns."""
    mark = Piece("▌ ", "marker") if look.selected else Piece("  ")
    special = _instead(row, look)
    pieces = [mark]
    for column in _joined(columns) if special else columns:
        piece = special.get(column.key) or FILL[column.key](row, look)
        text = fit(_in_sight(row, piece.text, column, look), column.width, column.align) + " " * column.gap
        shown = Piece(text, _tone(piece.tone, column.key, look))
        pieces += marked(shown, look.marks.spans(row, column.key, text))
    return tuple(pieces)


def _in_sight(row: Session, text: str, column: Column, look: Look) -> str:
    """The part of a text to begin with: a later one where else nothing of what was looked for would be seen."""
    if column.key != "concern" or not is_wider(text, column.width):
        return text
    found = look.marks.spans(row, column.key, text)
    if not found or cell_len(text[: found[0][1]]) < column.width:
        return text
    return ELLIPSIS + text[max(0, found[0][0] - column.width // 4) :]


def _joined(columns: tuple[Column, ...]) -> tuple[Column, ...]:
    """The columns with the plan's room given to what is said instead of the concern."""
    *others, concern, plan = columns
    if plan.key != "plan":
        return columns
    return (*others, replace(concern, width=concern.width + concern.gap + plan.width))


def _tone(tone: Tone, key: str, look: Look) -> Tone:
    if look.leaving or look.snoozed or look.old:
        return "dim"
    return "strong" if look.selected and tone == "text" and key in {"vehicle", "customer"} else tone


def _instead(row: Session, look: Look) -> dict[str, Piece]:
    """Cells that say something else while a request is leaving or being claimed."""
    if look.leaving:
        gone = Piece(leaving_words(look.leaving, look.now), "dim")
        return {"urgent": Piece("--"), "left": Piece("gone"), "concern": gone}
    if look.claim is Claim.CLAIMING:
        return {"concern": Piece("CLAIMING ...", "accent")}
    if look.claim is Claim.CHECKING:
        return {"concern": Piece("CHECKING: no answer came, asking again", "warn")}
    if row.is_offer:
        return {"left": Piece("-", "dim"), "concern": Piece(_from(row), "accent")}
    if row.forgotten_at:
        return {"concern": Piece(removed_words(row.forgotten_at, look.zone), "dim")}
    if look.snoozed:
        words = f"snoozed until {time_of_day(look.snoozed, look.zone)}: {one_line(row.concern)}"
        return {"concern": Piece(words, "dim")}
    return {}


def leaving_words(leaving: Leaving, now: datetime) -> str:
    """Why a request left: `TAKEN by Sam K. 2 s ago`."""
    by = f" by {one_line(leaving.by)}" if leaving.by and leaving.why is Departure.TAKEN else ""
    return f"{leaving.why.upper()}{by} {ago((now - leaving.at).total_seconds())}"


def _urgent(row: Session, look: Look) -> Piece:
    return Piece("!!!", "urgent") if row.urgent else Piece("")


def _type(row: Session, look: Look) -> Piece:
    return Piece(type_words(row.type), "text")


def _waited(row: Session, look: Look) -> Piece:
    length = waited(row, look.now)
    return Piece("-", "dim") if length is None else Piece(compact(length.total_seconds()))


def _left(row: Session, look: Look) -> Piece:
    left = (row.expires_at - look.now).total_seconds()
    return Piece(compact(left), "warn" if left < LOW_SECONDS else "text")


def _vehicle(row: Session, look: Look) -> Piece:
    return Piece(vehicle_short(row.vehicle))


def _vin(row: Session, look: Look) -> Piece:
    """The verdict on the VIN; that it is about the VIN stands above it."""
    verdict = badge(row.vehicle)
    return verdict._replace(text=verdict.text.removeprefix("VIN "))


def _customer(row: Session, look: Look) -> Piece:
    return Piece(one_line(row.customer_name))


def _concern(row: Session, look: Look) -> Piece:
    return Piece(one_line(row.concern), "text")


def _plan(row: Session, look: Look) -> Piece:
    """What was booked, or who else is about to take it."""
    if look.readers:
        return Piece(f"{one_line(look.readers[0]).split(' ')[0]} reads", "accent")
    return Piece(plan_words(row.plan), "dim")


def _from(row: Session) -> str:
    """Who offers it, and his words, else the customer's: `from Ann: my lift is taken`."""
    return f"from {_first_name(row.offered_by)}: {one_line(row.offer_note or row.concern)}"


def _first_name(person: Person | None) -> str:
    return one_line(person.name).split(" ")[0] if person else "a colleague"


def offer_clock(row: Session, now: datetime) -> Piece:
    """How long what is offered has been live; that it is not, else."""
    return clock_piece(row, now) if row.status == Status.LIVE else Piece("not live yet", "dim")


def status_piece(row: Session, now: datetime) -> Piece:
    """Where a session in hand stands, in words that say what to do; or who offers it."""
    if row.is_offer:
        return Piece(f"OFFERED by {_first_name(row.offered_by)}", "accent")
    if row.offered_to is not None and row.status == Status.WAITING:
        return Piece(f"offered to {_first_name(row.offered_to)}, waiting", "accent")
    if row.status == Status.LIVE:
        return Piece("LIVE", "good")
    if row.status != Status.WAITING:
        return Piece(f"? {row.status}", "warn")
    if row.customer_joined_at and not row.mechanic_joined_at:
        return Piece("CUSTOMER WAITS, join", "urgent")
    if row.accepted_at and row.join_by and now >= row.join_by:
        return Piece(f"NOT JOINED {int((now - row.accepted_at).total_seconds()) // 60} min", "warn")
    return Piece("WAITING for customer" if row.mechanic_joined_at else "WAITING, join now", "accent")


def _status(row: Session, look: Look) -> Piece:
    """Where it stands and, while it is live, its clock: `LIVE 12:31 of 45m`."""
    state = status_piece(row, look.now)
    if row.status != Status.LIVE:
        return state
    clock = clock_piece(row, look.now)
    if row.offered_to is not None:
        return Piece(f"{clock.text.split(' ')[0]} offered to {_first_name(row.offered_to)}", "accent")
    return Piece(f"{state.text} {clock.text}", state.tone if clock.tone == "text" else clock.tone)


def clock_piece(row: Session, now: datetime) -> Piece:
    """The running clock against the plan: `12:31 of 45m`, then `47:02 of 45m OVER`."""
    if row.started_at is None:
        return Piece("not started" if row.status in ACTIVE else "-", "dim")
    ran = ((row.ended_at or now) - row.started_at).total_seconds()
    if row.plan is None:
        return Piece(running(ran))
    words, left = f"{running(ran)} of {row.plan.minutes}m", row.plan.minutes * 60 - ran
    if left < 0:
        return Piece(f"{words} OVER", "urgent")
    return Piece(words, "warn" if left < LOW_PLAN_SECONDS else "text")


def _since(row: Session, look: Look) -> Piece:
    return Piece(time_of_day(row.started_at or row.accepted_at or row.created_at, look.zone))


def _ended(row: Session, look: Look) -> Piece:
    return Piece(ago((look.now - row.ended_at).total_seconds()) if row.ended_at else "-")


def _length(row: Session, look: Look) -> Piece:
    known = row.started_at and row.ended_at
    return Piece(running((row.ended_at - row.started_at).total_seconds()) if known else "-")  # type: ignore[operator]


def _rating(row: Session, look: Look) -> Piece:
    if row.rating is None:
        return Piece("-", "dim")
    return Piece(f"{row.rating}/5", "good" if row.rating >= 4 else "warn" if row.rating <= 2 else "text")


def _summary(row: Session, look: Look) -> Piece:
    if row.has_summary:
        return Piece("yes")
    return Piece("DRAFT", "warn") if look.draft else Piece("-", "dim")


def _requested(row: Session, look: Look) -> Piece:
    return Piece(day_and_time(row.created_at, look.zone))


def _outcome(row: Session, look: Look) -> Piece:
    outcome = row.outcome if isinstance(row, HistoryRow) else row.status
    return Piece(outcome, _OUTCOMES.get(outcome, "text"))


_OUTCOMES: dict[str, Tone] = {
    "active": "accent", "completed": "good", "cancelled": "warn", "expired": "warn", "released": "dim",
    "handed": "dim", "passed": "dim",
}  # fmt: skip


def _by(row: Session, look: Look) -> Piece:
    if row.mechanic is None:
        return Piece("-", "dim")
    return Piece("you" if row.mechanic.id == look.me else person_short(row.mechanic))


FILL: dict[str, Callable[[Session, Look], Piece]] = {
    "urgent": _urgent, "type": _type, "waited": _waited, "left": _left, "vehicle": _vehicle, "vin": _vin,
    "concern": _concern, "plan": _plan, "status": _status, "since": _since, "customer": _customer, "ended": _ended,
    "length": _length, "rating": _rating, "summary": _summary, "requested": _requested, "outcome": _outcome, "by": _by,
}  # fmt: skip
"""How each column is filled."""
