"""How times, money, vehicles and words look in the cells of a terminal. Pure, and by display width throughout."""

from collections.abc import Iterable
from datetime import datetime, tzinfo
from typing import Literal, NamedTuple

from rich.cells import cell_len, set_cell_size

from mechtui.models import Person, Plan, SessionType, Vehicle

Align = Literal["left", "right"]
Tone = Literal["text", "dim", "strong", "accent", "urgent", "warn", "good", "marker", "rule", "key", "here", "match"]

ELLIPSIS = "…"
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400


class Paint(NamedTuple):
    """Two colours instead of a tone, each `0xRRGGBB`: of the text, and behind it."""

    text: int
    behind: int


class Piece(NamedTuple):
    """Some text of a line, the tone it is said in, the action that a click on it runs, and where it links to.

    Of pictures only: `paint`, which stands in for the tone.
    """

    text: str
    tone: Tone = "text"
    action: str = ""
    link: str = ""
    paint: Paint | None = None


Line = tuple[Piece, ...]


def width_of(line: Line) -> int:
    """The width of a line in cells."""
    return sum(cell_len(piece.text) for piece in line)


def running(seconds: float) -> str:
    """A running clock: `0:31`, `9:41`, `1:04:09`. Below zero is zero."""
    whole = max(0, int(seconds))
    hours, rest = divmod(whole, _HOUR)
    minutes, left = divmod(rest, _MINUTE)
    return f"{hours}:{minutes:02}:{left:02}" if hours else f"{minutes}:{left:02}"


def compact(seconds: float) -> str:
    """A running clock in five cells: `59:59`, then `1h04`, then `26h`."""
    whole = max(0, int(seconds))
    if whole < _HOUR:
        return running(whole)
    hours, rest = divmod(whole, _HOUR)
    return f"{hours}h{rest // _MINUTE:02}" if hours < 10 else f"{hours}h" if hours < 100 else f"{hours // 24}d"


def span(seconds: float) -> str:
    """A length of time in words, one unit: `0.8 s`, `41 s`, `12 min`, `2 h`, `3 days`."""
    if seconds < 1:
        return f"{max(0.1, seconds):.1f} s"
    if seconds < _MINUTE:
        return f"{int(seconds)} s"
    if seconds < _HOUR:
        return f"{int(seconds // _MINUTE)} min"
    if seconds < _DAY:
        return f"{int(seconds // _HOUR)} h"
    days = int(seconds // _DAY)
    return "1 day" if days == 1 else f"{days} days"


def ago(seconds: float) -> str:
    """How long ago: `just now`, `41 s ago`, `3 days ago`."""
    return "just now" if seconds < 1 else f"{span(seconds)} ago"


def time_of_day(at: datetime, zone: tzinfo, *, seconds: bool = False) -> str:
    """The time on the wall: `14:03` or `14:03:21`."""
    return at.astimezone(zone).strftime("%H:%M:%S" if seconds else "%H:%M")


def day_and_time(at: datetime, zone: tzinfo) -> str:
    """A day and a time in twelve cells: `24 Nov 14:03`. Month names are English everywhere."""
    local = at.astimezone(zone)
    return f"{local.day:2} {_MONTHS[local.month - 1]} {local:%H:%M}"


def day_words(at: datetime) -> str:
    """The day of a moment in its own zone: `Tue 24 Nov 2026`. Names are English everywhere."""
    return f"{_WEEKDAYS[at.weekday()]} {at.day} {_MONTHS[at.month - 1]} {at.year}"


def removed_words(at: datetime, zone: tzinfo) -> str:
    """That a customer was forgotten, and when: `customer's data removed on 3 Mar 2027`."""
    day = at.astimezone(zone)
    return f"customer's data removed on {day.day} {_MONTHS[day.month - 1]} {day.year}"


def sentence(words: str) -> str:
    """Words as a sentence of their own."""
    return f"{words[:1].upper()}{words[1:]}."


_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def money(cents: int) -> str:
    """An amount: `$29.99`."""
    return f"${cents // 100}.{cents % 100:02}"


def plan_words(plan: Plan | None) -> str:
    """A plan in ten cells: `45m $29.99`."""
    return f"{plan.minutes}m {money(plan.price_cents)}" if plan else "-"


def type_words(session_type: str) -> str:
    """A type in five cells: `Video`, `Chat`, `Diag`; one this version does not know as it is spelt, marked."""
    return _TYPES.get(session_type, f"?{session_type}")


_TYPES: dict[str, str] = {SessionType.VIDEO: "Video", SessionType.CHAT: "Chat", SessionType.DIAGNOSTIC: "Diag"}


def type_name(session_type: str) -> str:
    """A type in full: `Video`, `Chat`, `Diagnostic`."""
    return session_type.capitalize() if session_type in _TYPES else f"? {session_type}"


def vehicle_short(vehicle: Vehicle) -> str:
    """A vehicle for a column: its label with the year in two digits, `18 Toyota Camry`."""
    label = one_line(vehicle.label)
    year, _, rest = label.partition(" ")
    return f"{year[2:]} {rest}" if len(year) == 4 and year.isdigit() and rest else label or "no vehicle given"


def person_short(person: Person) -> str:
    """A mechanic for a column: the first name and the initial of the last, `Sam K.`."""
    first, *more = one_line(person.name).split(" ")
    return f"{first} {more[-1][0]}." if more else first


def one_line(text: str) -> str:
    """Text with every run of white space as one space."""
    return " ".join(text.split())


def is_wider(text: str, width: int) -> bool:
    """Whether a text takes more than `width` cells. Of a long one no more is measured than tells: in safe text a cell
    has a letter and at most three marks.
    """
    start = text[: 4 * max(0, width) + 1]
    return cell_len(start) > width or (len(start) < len(text) and cell_len(text) > width)


def fit(text: str, width: int, align: Align = "left") -> str:
    """Text in exactly `width` cells: cut with an ellipsis, or filled up. Wide characters are never halved."""
    if width <= 0:
        return ""
    if is_wider(text, width):
        return set_cell_size(cut(text, width), width)
    space = " " * (width - cell_len(text))
    return space + text if align == "right" else text + space


def cut(text: str, width: int) -> str:
    """Text in at most `width` cells, ending in an ellipsis where something was cut."""
    if not is_wider(text, width):
        return text
    kept, used = [], 0
    for character in text:
        used += cell_len(character)
        if used > width - 1:
            break
        kept.append(character)
    return "".join(kept).rstrip() + ELLIPSIS if width > 0 else ""


def wrap(text: str, width: int) -> list[str]:
    """Text in lines of at most `width` cells, broken between words, its own line breaks kept."""
    return [line for given in text.split("\n") for line in _wrap_line(given, max(1, width))]


def _wrap_line(text: str, width: int) -> list[str]:
    lines, line = [], ""
    for word in text.split():
        for part in _parts(word, width):
            longer = f"{line} {part}" if line else part
            if cell_len(longer) <= width:
                line = longer
            else:
                lines.append(line)
                line = part
    return [*lines, line]


def _parts(word: str, width: int) -> list[str]:
    """A word in parts no wider than a line."""
    if cell_len(word) <= width:
        return [word]
    parts, part, taken = [], "", 0
    for character in word:
        size = cell_len(character)
        if part and taken + size > width:
            parts.append(part)
            part, taken = "", 0
        part += character
        taken += size
    return [*parts, part]


def marked(piece: Piece, spans: Iterable[tuple[int, int]]) -> Line:
    """A piece with some stretches of its text, given from left to right, said in the tone of what was looked for."""
    pieces: list[Piece] = []
    done = 0
    for start, end in spans:
        pieces += [
            piece._replace(text=piece.text[done:start]),
            piece._replace(text=piece.text[start:end], tone="match"),
        ]
        done = end
    return tuple(part for part in (*pieces, piece._replace(text=piece.text[done:])) if part.text)


def clip(line: Line, width: int) -> Line:
    """The first `width` cells of a line; the piece that is cut ends in an ellipsis."""
    kept: list[Piece] = []
    left = width
    for piece in line:
        size = cell_len(piece.text)
        if size > left:
            kept.append(piece._replace(text=cut(piece.text, left)))
            break
        kept.append(piece)
        left -= size
    return tuple(piece for piece in kept if piece.text)


def spread(left: Line, right: Line, width: int) -> Line:
    """Two lines on one, as far apart as they go; where both do not fit the left one gives way."""
    if not right:
        return clip(left, width)
    room = width - width_of(right)
    if room < 1:
        return clip(right, width)
    start = clip(left, room - 1)
    return (*start, Piece(" " * (room - width_of(start))), *right)
