"""What was before, in lines: whether this vehicle or this customer is known, and what was found then. Pure."""

from datetime import datetime, tzinfo

from mechtui.earlier import Earlier, EarlierPage
from mechtui.formatting import Line, Piece, Tone, cut, day_and_time, fit, one_line, person_short, type_words, wrap
from mechtui.models import Status
from mechtui.vehicle.words import odometer_warning, odometer_words

_LINES_IN_SHORT = 2
_OUTCOMES: dict[str, Tone] = {Status.COMPLETED: "good", Status.CANCELLED: "warn", Status.EXPIRED: "warn"}


def day_words(at: datetime, now: datetime, zone: tzinfo) -> str:
    """A day: `3 Nov`, with its year where that is another: `3 Nov 2024`."""
    year = at.astimezone(zone).year
    day = day_and_time(at, zone)[:6].strip()
    return day if year == now.astimezone(zone).year else f"{day} {year}"


def earlier_in_short(page: EarlierPage, now: datetime, zone: tzinfo, width: int) -> list[Line]:
    """One or two lines: how often it was seen, when last, and what was found then. None for one never seen."""
    told = _told(page, now, zone)
    if not told:
        return []
    lines = wrap(told, width - 2)
    more = len(lines) > _LINES_IN_SHORT
    shown = [*lines[: _LINES_IN_SHORT - 1], " ".join(lines[_LINES_IN_SHORT - 1 :])] if more else lines
    return [(Piece(f" {cut(line, width - 2)}", "accent"),) for line in shown]


def _told(page: EarlierPage, now: datetime, zone: tzinfo) -> str:
    done = [item for item in page.items if item.outcome == Status.COMPLETED]
    same = next((item for item in done if item.same_vehicle), None)
    other = next((item for item in done if item.same_customer), None)
    if same is not None:
        return f"seen {page.seen}x before, last {day_words(same.created_at, now, zone)}: {_what_was(same)}"
    if other is not None:
        vehicle = one_line(other.vehicle) or "another vehicle"
        last = day_words(other.created_at, now, zone)
        return f"this customer came {page.came}x before, last {last}: {vehicle}, {_what_was(other)}"
    return f"asked {page.total}x before, none of it completed" if page.total else ""


def _what_was(item: Earlier) -> str:
    if not item.findings:
        return one_line(item.concern)
    advised = f" Advised: {one_line(item.next_steps)}" if item.next_steps else ""
    return f"{one_line(item.findings)}{advised}"


def doubted_odometer(odometer: str | None, page: EarlierPage | None) -> str:
    """What cannot be right about an odometer, given the earlier visits of the same vehicle; or nothing."""
    earlier = [item.odometer for item in page.items if item.same_vehicle] if page else []
    return odometer_warning(odometer, earlier)


# --- the list of them --------------------------------------------------------------------------------------------


def entry_line(item: Earlier, me: str, now: datetime, zone: tzinfo) -> Line:
    """One earlier session in a line."""
    by = "you" if item.mechanic and item.mechanic.id == me else person_short(item.mechanic) if item.mechanic else "-"
    known = "vehicle" if item.same_vehicle else "customer"
    return (
        Piece(fit(day_words(item.created_at, now, zone), 12)),
        Piece(fit(type_words(item.type), 6)),
        Piece(fit(item.outcome, 10), _OUTCOMES.get(item.outcome, "text")),
        Piece(fit(by, 9)),
        Piece(fit(f"same {known}", 14), "text" if item.same_vehicle else "dim"),
        Piece(one_line(item.concern)),
    )


def entry_lines(item: Earlier, width: int) -> list[Line]:
    """One earlier session in full, as far as it may be told."""
    facts = [
        ("vehicle", one_line(item.vehicle) or "not given"),
        ("odometer", odometer_words(item.odometer or "")),
        ("concern", item.concern),
        ("findings", item.findings or "none written down"),
        ("advised", item.next_steps or ""),
    ]
    return [line for label, value in facts if value for line in _fact(label, value, width)]


def _fact(label: str, value: str, width: int) -> list[Line]:
    first, *more = wrap(value, width - 13)
    return [(Piece(f" {fit(label, 10)} ", "dim"), Piece(first)), *((Piece(" " * 12 + line),) for line in more)]
