"""What happened to a session, step by step, as lines. Pure."""

from datetime import datetime

from mechtui.cells import Look
from mechtui.formatting import (
    Line,
    Piece,
    day_and_time,
    fit,
    one_line,
    running,
    time_of_day,
)
from mechtui.models import Kind, TimelineEvent
from mechtui.trail import TOO_LATE


def timeline_lines(events: tuple[TimelineEvent, ...], look: Look) -> list[Line]:
    """What happened, who did it, when, and how long after the step before."""
    lines: list[Line] = []
    before: datetime | None = None
    for event in events:
        after = f"+{running((event.at - before).total_seconds())}" if before else day_and_time(event.at, look.zone)[:6]
        before = event.at
        lines.append(_step(event, after, look))
    return lines


def _step(event: TimelineEvent, after: str, look: Look) -> Line:
    reason = f"  “{one_line(event.reason)}”" if event.reason else ""
    return (
        Piece(f"  {time_of_day(event.at, look.zone, seconds=True)} "),
        Piece(f"{after:>8}  ", "dim"),
        Piece(fit(_who(event, look), 16) + " "),
        Piece(what_happened(event.kind), "strong"),
        Piece(_other(event, look)),
        Piece(reason, "dim"),
    )


def _who(event: TimelineEvent, look: Look) -> str:
    if event.mechanic is not None and event.actor == "mechanic":
        return "you" if event.mechanic.id == look.me else one_line(event.mechanic.name)
    return _ACTORS.get(event.actor, one_line(event.actor))


def _other(event: TimelineEvent, look: Look) -> str:
    """The other one of a step that takes two: ` to Bob`, ` from Ann`."""
    if event.other is None:
        return ""
    name = "you" if event.other.id == look.me else one_line(event.other.name)
    return f" {'from' if event.kind in _FROM else 'to'} {name}"


def what_happened(kind: str) -> str:
    """A step of a session in a word or two; one this version does not know as it is spelt."""
    return _DONE.get(kind, kind)


_FROM = {Kind.HANDED_OVER, Kind.OFFER_WITHDRAWN, Kind.OFFER_DECLINED}
_ACTORS = {"system": "backend", "customer": "customer", "desk": "front desk"}
_DONE: dict[str, str] = {
    Kind.CREATED: "requested",
    Kind.ACCEPTED: "accepted",
    Kind.RELEASED: "gave it back",
    Kind.JOINED: "joined",
    Kind.STARTED: "both in: live",
    Kind.COMPLETED: "completed",
    Kind.CANCELLED: "cancelled",
    Kind.EXPIRED: "expired",
    Kind.RATED: "rated",
    TOO_LATE: "tried to accept, too late",
    Kind.PASSED: "passed on it",
    Kind.PASS_UNDONE: "took the pass back",
    Kind.EXTENDED: "added time",
    Kind.OFFERED: "offered it",
    Kind.OFFER_WITHDRAWN: "took the offer back",
    Kind.OFFER_DECLINED: "declined it",
    Kind.HANDED_OVER: "took it over",
    Kind.IMPORTED: "brought over from the old database",
    Kind.REPAIRED: "repaired",
    Kind.FORGOTTEN: "customer's data removed",
    Kind.SUMMARY_SUBMITTED: "wrote the summary",
}
