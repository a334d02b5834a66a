"""A session told in lines: in short beside the list, in full in its intake. Pure."""

import re
from collections.abc import Sequence

from mechtui.cells import Look, clock_piece, leaving_words, offer_clock, status_piece
from mechtui.formatting import (
    Line,
    Piece,
    Tone,
    clip,
    compact,
    cut,
    day_and_time,
    fit,
    marked,
    one_line,
    plan_words,
    removed_words,
    running,
    sentence,
    time_of_day,
    type_name,
    width_of,
    wrap,
)
from mechtui.models import ACTIVE, FileInfo, HistoryRow, Intake, Session, SessionDetail, Status
from mechtui.offers import waits
from mechtui.pictures import Picture, strip
from mechtui.search.marks import spans_of
from mechtui.timeline import timeline_lines
from mechtui.trail import trail
from mechtui.vehicle.before import doubted_odometer, earlier_in_short
from mechtui.vehicle.words import Fact, codes_in_full, codes_in_short, stated_vehicle, vehicle_lines

_LABEL_WIDTH = 10
_FIT_INDENT = 13
_PREVIEWED = 2000
"""More of a concern than this many characters fills every preview."""
_KIB, _MIB = 1024, 1024 * 1024
BLANK: Line = ()


def heading(words: str, width: int, right: Line = ()) -> Line:
    """A rule that carries a heading: `── J. Doe ────────── Video 45m $29.99 ──`."""
    end: Line = (Piece(" "), *right, Piece(" ──", "rule")) if right else ()
    start = clip((Piece("── ", "rule"), Piece(words, "strong"), Piece(" ")), max(0, width - width_of(end)))
    return clip((*start, Piece("─" * (width - width_of(start) - width_of(end)), "rule"), *end), width)


def paragraph(text: str, width: int, tone: Tone = "text", indent: int = 1) -> list[Line]:
    """A text in as many lines as it takes."""
    return [(Piece(" " * indent + line, tone),) for line in wrap(text, width - indent - 1)]


def booked(row: Session) -> str:
    """What was booked: `Video 45m $29.99`."""
    return f"{type_name(row.type)} {plan_words(row.plan)}" if row.plan else type_name(row.type)


# --- in short ----------------------------------------------------------------------------------------------------


def preview_lines(row: Session, look: Look, width: int) -> list[Line]:
    """A session in short: who, where it stands, the vehicle, the words."""
    mark: Line = (Piece("!!! URGENT  ", "urgent"),) if row.urgent else ()
    lines = [heading(one_line(row.customer_name), width, (*mark, Piece(booked(row), "dim")))]
    lines += [clip(line, width) for line in (*_standing(row, look, width), *_page(row, width))]
    lines += _verdict(row, width)
    lines += [*(clip(line, width) for line in vehicle_lines(row.vehicle, width)), BLANK]
    lines += codes_in_short(look.codes, row.concern[:_PREVIEWED], row.vehicle, width)
    lines += [*(_removed(row, look, width) or paragraph(row.concern[:_PREVIEWED], width, "strong")), BLANK]
    lines += _before(row, look, width)
    lines += [clip(line, width) for line in _particulars(row)]
    return [_marked(line, look.marks.anywhere) for line in lines] if look.marks.anywhere else lines


def _before(row: Session, look: Look, width: int) -> list[Line]:
    """How it fits, and what the odometer and the earlier sessions of vehicle and customer say."""
    doubt = doubted_odometer(row.vehicle.odometer, look.earlier)
    doubts: list[Line] = [clip((Piece(f" odometer {doubt}", "warn"),), width)] if doubt else []
    fits = _fit(look, width) if waits(row) and not look.leaving else []
    return fits + doubts + (earlier_in_short(look.earlier, look.now, look.zone, width) if look.earlier else [])


def _removed(row: Session, look: Look, width: int) -> list[Line]:
    """That nothing is known of the customer any more, if that is so, and what still is."""
    if row.forgotten_at is None:
        return []
    words = sentence(removed_words(row.forgotten_at, look.zone))
    return paragraph(f"{words} Times, price and rating stay.", width, "warn")


def _marked(line: Line, wanted: re.Pattern[str]) -> Line:
    return tuple(part for piece in line for part in marked(piece, spans_of(wanted, piece.text)))


def _standing(row: Session, look: Look, width: int) -> list[Line]:
    if look.leaving:
        return [(Piece(f" {leaving_words(look.leaving, look.now)}", "warn"),)]
    if row.is_offer:
        return _offer(row, look, width)
    if row.status == Status.PENDING and not isinstance(row, HistoryRow):
        return [_waiting(row, look), *_readers(look)]
    if row.status in ACTIVE and row.mechanic is not None and row.mechanic.id == look.me:
        state, clock = status_piece(row, look.now), clock_piece(row, look.now)
        return [(Piece(" "), state, Piece("   "), clock), *_offered_to(row, width)]
    return _outcome(row, look)


def _offer(row: Session, look: Look, width: int) -> list[Line]:
    """What a colleague offers: where it stands, his words, and how to answer."""
    answers = f" {look.key('accept')} takes it, {look.key('pass')} declines it"
    line: Line = (Piece(" "), status_piece(row, look.now), Piece("   "), offer_clock(row, look.now))
    note = paragraph(f"“{row.offer_note}”", width) if row.offer_note else []
    return [line, *note, (Piece(answers, "dim"),)]


def _offered_to(row: Session, width: int) -> list[Line]:
    if row.offered_to is None:
        return []
    words = f"{one_line(row.offered_to.name)} has not answered yet; it stays yours until then"
    return paragraph(words, width, "dim")


def _fit(look: Look, width: int) -> list[Line]:
    if look.fit is None or not look.fit.reasons:
        return []
    first, *more = wrap("; ".join(look.fit.reasons), width - _FIT_INDENT - 1)
    start: Line = (Piece(fit(f" {look.fit.words}", _FIT_INDENT)), Piece(first, "dim"))
    return [start, *((Piece(" " * _FIT_INDENT + line, "dim"),) for line in more)]


def _readers(look: Look) -> list[Line]:
    if not look.readers:
        return []
    who = " and ".join(one_line(name) for name in look.readers)
    return [(Piece(f" {who} {'is' if len(look.readers) == 1 else 'are'} reading this", "accent"),)]


def _waiting(row: Session, look: Look) -> Line:
    waited = compact((look.now - row.created_at).total_seconds())
    left = (row.expires_at - look.now).total_seconds()
    until = time_of_day(row.expires_at, look.zone)
    return (
        Piece(f" waiting {waited}, ", "dim"),
        Piece(f"{compact(left)} left", "warn" if left < 120 else "text"),
        Piece(f" (until {until})", "dim"),
    )


def _page(row: Session, width: int) -> list[Line]:
    """The page's address, in as many lines as it takes: each links to the whole of it."""
    return (
        [(Piece(" "), Piece(part, "accent", "open", row.url)) for part in wrap(row.url, width - 2)] if row.url else []
    )


def _outcome(row: Session, look: Look) -> list[Line]:
    words = row.outcome if isinstance(row, HistoryRow) else row.status
    pieces = [Piece(f" {words.upper()}", "good" if words == Status.COMPLETED else "warn")]
    if row.mechanic is not None and row.mechanic.id != look.me:
        pieces.append(Piece(f"   taken by {one_line(row.mechanic.name)}"))
    if row.started_at and row.ended_at:
        pieces.append(Piece(f"   {running((row.ended_at - row.started_at).total_seconds())} long"))
    if row.rating is not None:
        pieces.append(Piece(f"   rated {row.rating}/5"))
    requested = f" requested {day_and_time(row.created_at, look.zone).strip()}"
    reason = f"   “{one_line(row.end_reason)}”" if row.end_reason else ""
    return [tuple(pieces), (Piece(requested + reason, "dim"),)]


def _verdict(row: Session, width: int) -> list[Line]:
    """What the customer said of it, in two lines at most."""
    said = one_line(row.rating_comment or "")
    return paragraph(f"“{cut(said, 2 * width - 20)}”", width, "accent") if said else []


def _particulars(row: Session) -> list[Line]:
    car = row.vehicle
    numbers = [f"{name} {one_line(value)}" for name, value in (("VIN", car.vin), ("plate", car.plate)) if value]
    files = (
        [f"{row.files_count} {'file' if row.files_count == 1 else 'files'} with the intake"] if row.files_count else []
    )
    return [(Piece(f" {words}", "dim"),) for words in ("   ".join(numbers), *files) if words]


# --- in full -----------------------------------------------------------------------------------------------------


def intake_lines(row: Session, intake: Intake, detail: SessionDetail | None, look: Look, width: int) -> list[Line]:
    """Everything that is known: the intake as submitted, what decides first, then how it went."""
    if removed := _removed(row, look, width):
        return _in_sections([[_title("CUSTOMER"), *removed], *_what_stays(row, intake, detail, look, width)])
    sections = [
        [_title("CONCERN"), *paragraph(intake.concern, width, "strong", indent=2)],
        *_codes(codes_in_full(look.codes, intake.concern, row.vehicle, width)),
        [*_section("VEHICLE", stated_vehicle(intake, row.vehicle), width), *_before(row, look, width)],
        _section("CUSTOMER", _customer(intake), width),
        [_title("SERVICE HISTORY"), *_listed(intake.history, "none given", width)],
        [_title("FILES"), *_files(intake, width), *strip(_shown(intake, look), width, look.key("files"))],
    ]
    if detail is not None:
        sections += _afterwards(detail, look, width)
    return _in_sections(sections)


def _in_sections(sections: Sequence[list[Line]]) -> list[Line]:
    return [line for section in sections for line in (*section, BLANK)][:-1]


def _what_stays(row: Session, intake: Intake, detail: SessionDetail | None, look: Look, width: int) -> list[list[Line]]:
    """What is known of a session whose customer was forgotten."""
    known = _afterwards(detail.model_copy(update={"summary": None}), look, width) if detail is not None else []
    vehicle = [fact for fact in stated_vehicle(intake, row.vehicle) if fact.label in {"vehicle", "drivable"}]
    return [_section("VEHICLE", vehicle, width), *known]


def _title(words: str) -> Line:
    return (Piece(f" {words}", "accent"),)


def _section(title: str, facts: Sequence[tuple[str, str] | Fact], width: int) -> list[Line]:
    return [_title(title), *(line for fact in facts for line in _fact(Fact(*fact), width))]


def _fact(fact: Fact, width: int) -> list[Line]:
    first, *more = wrap(fact.value, width - _LABEL_WIDTH - 4) or [""]
    start: Line = (Piece(f"  {fit(fact.label, _LABEL_WIDTH)} ", "dim"), Piece(first, fact.tone))
    return [start, *((Piece(" " * (_LABEL_WIDTH + 3) + line, fact.tone),) for line in more)]


def _customer(intake: Intake) -> list[tuple[str, str]]:
    facts = [("name", one_line(intake.name))]
    if intake.contact_hidden:
        facts.append(("contact", "hidden until you accept"))
    else:
        given = [("phone", intake.phone), ("e-mail", intake.email)]
        facts += [(label, one_line(value)) for label, value in given if value] or [("contact", "none given")]
    return [*facts, *([("city", one_line(intake.city))] if intake.city else [])]


def _codes(lines: list[Line]) -> list[list[Line]]:
    return [[_title("CODES"), *lines]] if lines else []


def _listed(items: tuple[str, ...], none: str, width: int) -> list[Line]:
    if not items:
        return [(Piece(f"  {none}", "dim"),)]
    return [line for item in items for line in _bullet(item, width)]


def _bullet(text: str, width: int) -> list[Line]:
    first, *more = wrap(text, width - 6)
    return [(Piece("  · ", "dim"), Piece(first)), *((Piece(f"    {line}"),) for line in more)]


def _files(intake: Intake, width: int) -> list[Line]:
    if not intake.files:
        return [(Piece("  none", "dim"),)]
    return [_file(file, min(40, max(16, width - 30))) for file in intake.files]


def _shown(intake: Intake, look: Look) -> list[Picture]:
    return [look.pictures[file.id] for file in intake.files if file.id in look.pictures]


def _file(file: FileInfo, name_width: int) -> Line:
    about = f" {size_words(file.bytes):>9}  {one_line(file.mime or '')}"
    return (Piece("  "), Piece(fit(one_line(file.name), name_width)), Piece(about, "dim"))


def size_words(count: int) -> str:
    """A size in bytes, to one unit: `812 B`, `38 KiB`, `1.4 MiB`."""
    if count < _KIB:
        return f"{count} B"
    return f"{count // _KIB} KiB" if count < _MIB else f"{count / _MIB:.1f} MiB"


def _afterwards(detail: SessionDetail, look: Look, width: int) -> list[list[Line]]:
    sections: list[list[Line]] = []
    if detail.summary is not None:
        said = detail.summary
        facts = [("findings", said.findings), ("done", said.steps_taken), ("parts", said.parts_needed or "none")]
        sections.append(_section("SUMMARY", [*facts, ("next", said.next_steps)], width))
    if detail.review is not None:
        stars = f"{detail.review.rating}/5"
        words = f"{stars}  “{one_line(detail.review.comment)}”" if detail.review.comment else stars
        sections.append([_title("RATING"), *paragraph(words, width, indent=2)])
    if detail.events:
        sections.append([_title("TIMELINE"), *timeline_lines(trail(detail), look)])
    return sections
