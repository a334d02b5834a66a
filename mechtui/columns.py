"""What a row of each tab looks like: which columns fit, and what stands in their cells. Pure.

`layout` chooses columns for a width; `cells` fills them for one row. A row is the same line of text for as long as
its session, its mark and the visible part of its clocks are the same.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo

from mechtui.changes import Claim, Departure, Leaving
from mechtui.formatting import (
    Align,
    Line,
    Piece,
    Tone,
    ago,
    compact,
    day_and_time,
    fit,
    one_line,
    plan_words,
    running,
    time_of_day,
    type_words,
    vehicle_short,
)
from mechtui.models import ACTIVE, HistoryRow, Session, Status
from mechtui.rows import Tab

JOIN_SECONDS = 600
"""An accepted session that nobody joined for this long is flagged."""
LOW_SECONDS = 120
"""A request with less time left than this is pointed out."""
MARK_WIDTH = 2
GAP = 1


@dataclass(frozen=True)
class Column:
    """A column `width` cells wide, growing up to `widest`. Of those that do not fit the highest `drop` goes first."""

    key: str
    title: str
    width: int
    align: Align = "left"
    widest: int = 0
    drop: int = 0


COLUMNS: dict[Tab, tuple[Column, ...]] = {
    Tab.INCOMING: (
        Column("urgent", "", 3),
        Column("type", "TYPE", 5),
        Column("waited", "WAIT", 5, "right"),
        Column("left", "LEFT", 5, "right"),
        Column("vehicle", "VEHICLE", 14, widest=30),
        Column("concern", "CONCERN", 16, widest=120),
        Column("plan", "PLAN", 10, "right", drop=1),
    ),
    Tab.ACTIVE: (
        Column("status", "STATUS", 20),
        Column("clock", "CLOCK", 14),
        Column("type", "TYPE", 5),
        Column("since", "SINCE", 5, drop=1),
        Column("customer", "CUSTOMER", 9, widest=24),
        Column("vehicle", "VEHICLE", 9, widest=30),
        Column("concern", "CONCERN", 14, widest=120, drop=2),
    ),
    Tab.COMPLETED: (
        Column("ended", "ENDED", 11),
        Column("type", "TYPE", 5),
        Column("length", "LENGTH", 7, "right"),
        Column("rating", "RATED", 5),
        Column("customer", "CUSTOMER", 12, widest=24),
        Column("vehicle", "VEHICLE", 12, widest=30),
        Column("summary", "NOTES", 5, drop=1),
        Column("concern", "CONCERN", 12, widest=120, drop=2),
    ),
    Tab.HISTORY: (
        Column("requested", "REQUESTED", 12),
        Column("type", "TYPE", 5),
        Column("outcome", "OUTCOME", 9),
        Column("waited", "WAIT", 5, "right"),
        Column("customer", "CUSTOMER", 10, widest=24),
        Column("vehicle", "VEHICLE", 10, widest=30),
        Column("by", "BY", 8, widest=16, drop=1),
        Column("concern", "CONCERN", 12, widest=120, drop=2),
    ),
}


def layout(tab: Tab, width: int) -> tuple[Column, ...]:
    """The columns of a tab that fit in `width` cells, as wide as they may be."""
    columns = list(COLUMNS[tab])
    while _spare(columns, width) < 0 and any(column.drop for column in columns):
        columns.remove(max(columns, key=lambda column: column.drop))
    return _grown(columns, _spare(columns, width))


def _spare(columns: list[Column], width: int) -> int:
    return width - MARK_WIDTH - sum(column.width + GAP for column in columns)


def _grown(columns: list[Column], spare: int) -> tuple[Column, ...]:
    """Share the spare cells among the columns that can use them, by how much more they could hold."""
    elastic = [column for column in columns if column.widest]
    wish = sum(column.widest - column.width for column in elastic) or 1
    room = max(0, spare)
    more = {column.key: min(column.widest - column.width, _share(column, room, wish)) for column in elastic}
    if elastic:
        last = elastic[-1]
        more[last.key] = room - sum(grown for key, grown in more.items() if key != last.key)
    return tuple(replace(column, width=column.width + more.get(column.key, 0)) for column in columns)


def _share(column: Column, room: int, wish: int) -> int:
    """Names and vehicles soon have what they need, so they take twice their part."""
    return room * min(wish, 2 * (column.widest - column.width)) // wish


def titles(columns: tuple[Column, ...]) -> Line:
    """The line above the rows."""
    text = " ".join(fit(column.title, column.width, column.align) for column in columns)
    return (Piece(" " * MARK_WIDTH + text, "dim"),)


@dataclass(frozen=True)
class Look:
    """What a row looks like besides its session: the moment, what is known of it here, and who looks."""

    now: datetime
    zone: tzinfo
    me: str = ""
    claim: Claim | None = None
    leaving: Leaving | None = None
    selected: bool = False
    old: bool = False


def cells(tab: Tab, row: Session, columns: tuple[Column, ...], look: Look) -> Line:
    """One row as a line: the mark, then the columns."""
    marked = Piece("▌ " if look.selected else "  ", "marker")
    special = _instead(row, look)
    pieces = [marked]
    for column in columns:
        piece = special.get(column.key) or FILL[column.key](row, look)
        text = fit(piece.text, column.width, column.align) + " " * GAP
        pieces.append(Piece(text, _tone(piece.tone, column.key, look)))
    return tuple(pieces)


def _tone(tone: Tone, key: str, look: Look) -> Tone:
    if look.leaving or look.old:
        return "dim"
    return "strong" if look.selected and tone == "text" and key in {"vehicle", "customer"} else tone


def _instead(row: Session, look: Look) -> dict[str, Piece]:
    """Cells that say something else while a request is leaving or being claimed."""
    if look.leaving:
        gone = Piece(leaving_words(look.leaving, look.now), "dim")
        return {"urgent": Piece("--"), "left": Piece("gone"), "concern": gone, "plan": Piece("")}
    if look.claim is Claim.CLAIMING:
        return {"concern": Piece("CLAIMING ...", "accent"), "plan": Piece("")}
    if look.claim is Claim.CHECKING:
        return {"concern": Piece("CHECKING: no answer came, asking again", "warn"), "plan": Piece("")}
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
    until = row.accepted_at or (row.ended_at if row.status != Status.PENDING else None) or look.now
    return Piece(compact((until - row.created_at).total_seconds()))


def _left(row: Session, look: Look) -> Piece:
    left = (row.expires_at - look.now).total_seconds()
    return Piece(compact(left), "warn" if left < LOW_SECONDS else "text")


def _vehicle(row: Session, look: Look) -> Piece:
    return Piece(vehicle_short(row.vehicle))


def _customer(row: Session, look: Look) -> Piece:
    return Piece(one_line(row.customer_name))


def _concern(row: Session, look: Look) -> Piece:
    return Piece(one_line(row.concern), "text")


def _plan(row: Session, look: Look) -> Piece:
    return Piece(plan_words(row.plan), "dim")


def status_piece(row: Session, now: datetime) -> Piece:
    """Where a session in hand stands, in words that say what to do."""
    if row.status == Status.LIVE:
        return Piece("LIVE", "good")
    if row.status != Status.WAITING:
        return Piece(f"? {row.status}", "warn")
    if row.customer_joined_at and not row.mechanic_joined_at:
        return Piece("CUSTOMER WAITS, join", "urgent")
    if row.accepted_at and (now - row.accepted_at).total_seconds() >= JOIN_SECONDS:
        return Piece(f"NOT JOINED {int((now - row.accepted_at).total_seconds()) // 60} min", "warn")
    return Piece("WAITING for customer" if row.mechanic_joined_at else "WAITING, join now", "accent")


def _status(row: Session, look: Look) -> Piece:
    return status_piece(row, look.now)


def clock_piece(row: Session, now: datetime) -> Piece:
    """The running clock against the plan: `12:31 of 45:00`, then `OVER by 2:10`."""
    if row.started_at is None:
        return Piece("not started" if row.status in ACTIVE else "-", "dim")
    ran = ((row.ended_at or now) - row.started_at).total_seconds()
    if row.plan is None:
        return Piece(running(ran))
    booked = row.plan.minutes * 60
    if ran > booked:
        return Piece(f"OVER by {running(ran - booked)}", "urgent")
    return Piece(f"{running(ran)} of {running(booked)}", "warn" if booked - ran < 300 else "text")


def _clock(row: Session, look: Look) -> Piece:
    return clock_piece(row, look.now)


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
    return Piece("yes" if row.has_summary else "-", "text" if row.has_summary else "dim")


def _requested(row: Session, look: Look) -> Piece:
    return Piece(day_and_time(row.created_at, look.zone))


def _outcome(row: Session, look: Look) -> Piece:
    outcome = row.outcome if isinstance(row, HistoryRow) else row.status
    return Piece(outcome, _OUTCOMES.get(outcome, "text"))


_OUTCOMES: dict[str, Tone] = {
    "active": "accent", "completed": "good", "cancelled": "warn", "expired": "warn", "released": "dim",
}  # fmt: skip


def _by(row: Session, look: Look) -> Piece:
    if row.mechanic is None:
        return Piece("-", "dim")
    return Piece("you" if row.mechanic.id == look.me else one_line(row.mechanic.name))


FILL: dict[str, Callable[[Session, Look], Piece]] = {
    "urgent": _urgent, "type": _type, "waited": _waited, "left": _left, "vehicle": _vehicle, "concern": _concern,
    "plan": _plan, "status": _status, "clock": _clock, "since": _since, "customer": _customer, "ended": _ended,
    "length": _length, "rating": _rating, "summary": _summary, "requested": _requested, "outcome": _outcome, "by": _by,
}  # fmt: skip
"""How each column is filled."""
