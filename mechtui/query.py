"""What is typed after `/`: words, types and days, read without ever failing.

A half-typed filter is a filter too. What is no type and no day is a word, and every word must be found somewhere in
the name, the vehicle, the plate, the VIN or the concern. Contact details are never searched.
"""

import re
import unicodedata
from calendar import monthrange
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, tzinfo

from mechtui.clock import Clock
from mechtui.models import Session, SessionType

_TYPE_PREFIX = 4
_DAY = re.compile(r"(\d{4})-(\d{1,2})(?:-(\d{1,2}))?")


@dataclass(frozen=True)
class Filter:
    """What a row must meet: every word (as typed), one of the types, requested in [since, until)."""

    words: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    folded: tuple[str, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "folded", tuple(fold(word) for word in self.words))

    @property
    def text(self) -> str:
        """The words as the server takes them."""
        return " ".join(self.words)

    def __bool__(self) -> bool:
        return self != Filter()


def parse(text: str, clock: Clock | None = None) -> Filter:
    """Read a filter. Days, and which of them is today, are those of the clock's zone. Never raises."""
    zone = (clock or Clock()).zone
    today = (clock or Clock()).wall().astimezone(zone).date()
    words: list[str] = []
    types: list[str] = []
    since: datetime | None = None
    until: datetime | None = None
    for word in text.split():
        if days := _days(word, today):
            since, until = (_midnight(day, zone) for day in days)
        elif kind := _type(word):
            types.append(kind)
        else:
            words.append(word)
    return Filter(tuple(words), tuple(dict.fromkeys(types)), since, until)


def matches(wanted: Filter, session: Session) -> bool:
    """Whether a session meets the filter."""
    return matches_text(wanted, session, searchable(session))


def matches_text(wanted: Filter, session: Session, text: str) -> bool:
    """`matches`, for a caller that keeps what `searchable` said of the session."""
    if wanted.types and session.type not in wanted.types:
        return False
    if wanted.since is not None and session.created_at < wanted.since:
        return False
    if wanted.until is not None and session.created_at >= wanted.until:
        return False
    return all(word in text for word in wanted.folded)


def searchable(session: Session) -> str:
    """All text of a session that words are looked for in, folded; a line break keeps the parts apart."""
    car = session.vehicle
    return fold("\n".join((session.customer_name, car.label, car.plate or "", car.vin or "", session.concern)))


def fold(text: str) -> str:
    """Text without case and accents: `É` is found by `e`."""
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in apart if not unicodedata.combining(c))


def _type(word: str) -> str | None:
    low = word.lower()
    if len(low) < _TYPE_PREFIX:
        return None
    return next((str(kind) for kind in SessionType if kind.startswith(low)), None)


def _days(word: str, today: date) -> tuple[date, date] | None:
    """The first day meant and the first day after, or nothing when the word is no day."""
    match word.lower():
        case "today":
            return today, today + timedelta(days=1)
        case "yesterday":
            return today - timedelta(days=1), today
    found = _DAY.fullmatch(word)
    return _span(*(int(part) for part in found.groups() if part)) if found else None


def _span(year: int, month: int, day: int | None = None) -> tuple[date, date] | None:
    try:
        first = date(year, month, day or 1)
        length = 1 if day else monthrange(year, month)[1]
        return first, first + timedelta(days=length)
    except (ValueError, OverflowError):
        return None


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), tzinfo=zone)
