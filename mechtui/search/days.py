"""Days as people say them, as stretches of time: `today`, `last week`, `monday`, `7d`, `2026-11-24`. Pure."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_DATE = re.compile(r"([0-9]{4})(?:-([0-9]{1,2})(?:-([0-9]{1,2}))?)?")
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,3})?)?Z")
_BACK = re.compile(r"([0-9]{1,4})([hdw])")
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SHORT_WEEKDAY = 3

Stretch = tuple[int, int]
"""From a moment to another, the second not included, in milliseconds since 1970."""


@dataclass(frozen=True)
class Today:
    """What `today` is: the moment it is now, and the zone whose days are meant."""

    now: datetime
    zone: tzinfo

    @property
    def date(self) -> date:
        """The day it is in the zone."""
        return self.now.astimezone(self.zone).date()


def millis(moment: datetime) -> int:
    """A moment in milliseconds since 1970."""
    return (moment - _EPOCH) // _MILLISECOND


def moment(milliseconds: int) -> datetime:
    """The moment so many milliseconds after 1970, in UTC."""
    return _EPOCH + milliseconds * _MILLISECOND


def moment_text(milliseconds: int) -> str:
    """A moment as it may stand in a query: `2026-11-24T05:00:00.000Z`."""
    at = moment(milliseconds)
    return f"{at.isoformat(timespec='milliseconds')[:-6]}Z"


def stretch(text: str, today: Today) -> Stretch | None:
    """The stretch of time that a word or two stand for, or nothing when they stand for none.

    A year alone is a stretch, too; whether it is meant as one is for the caller to know.
    """
    word = " ".join(text.lower().split())
    try:
        return _moment(text) or _back(word, today) or _days(word, today)
    except (ValueError, OverflowError):
        return None


def _moment(text: str) -> Stretch | None:
    if not _MOMENT.fullmatch(text):
        return None
    start = millis(datetime.fromisoformat(text))
    moment(start + 1)
    return start, start + 1


def _back(word: str, today: Today) -> Stretch | None:
    """`3h`: since three hours ago. `7d`: today and the six days before. Without an end that anything could be after."""
    found = _BACK.fullmatch(word)
    if not found or int(found[1]) == 0:
        return None
    number, unit = int(found[1]), found[2]
    end = _midnight(today.date + timedelta(days=1), today.zone)
    if unit == "h":
        return millis(today.now - timedelta(hours=number)), end
    days = number * (7 if unit == "w" else 1)
    return _midnight(today.date - timedelta(days=days - 1), today.zone), end


def _days(word: str, today: Today) -> Stretch | None:
    first, after = _dates(word, today.date) or (None, None)
    if first is None or after is None:
        return None
    return _midnight(first, today.zone), _midnight(after, today.zone)


def _dates(word: str, today: date) -> tuple[date, date] | None:
    """The first day meant, and the first day after."""
    match word:
        case "today":
            return today, today + timedelta(days=1)
        case "yesterday":
            return today - timedelta(days=1), today
        case "this week" | "last week":
            first = today - timedelta(days=today.weekday() + (7 if word.startswith("last") else 0))
            return first, first + timedelta(days=7)
        case "this month" | "last month":
            last = (today.replace(day=1) - timedelta(days=1)) if word.startswith("last") else today
            return _calendar(last.year, last.month)
        case "this year" | "last year":
            return _calendar(today.year - (1 if word.startswith("last") else 0))
    if (weekday := _weekday(word)) is not None:
        first = today - timedelta(days=(today.weekday() - weekday) % 7)
        return first, first + timedelta(days=1)
    found = _DATE.fullmatch(word)
    return _calendar(*(int(part) for part in found.groups() if part)) if found else None


def _weekday(word: str) -> int | None:
    """The day of the week, in full or by three letters; of this name, the last one there was."""
    if len(word) == _SHORT_WEEKDAY:
        return next((n for n, name in enumerate(_WEEKDAYS) if name.startswith(word)), None)
    return _WEEKDAYS.index(word) if word in _WEEKDAYS else None


def _calendar(year: int, month: int | None = None, day: int | None = None) -> tuple[date, date]:
    """A year, a month or a day. Raises `ValueError` and `OverflowError` for one that does not exist."""
    if month is None:
        return date(year, 1, 1), date(year + 1, 1, 1)
    first = date(year, month, day or 1)
    return first, first + timedelta(days=1 if day else monthrange(year, month)[1])


def _midnight(day: date, zone: tzinfo) -> int:
    """The start of a day. Raises `OverflowError` where UTC has no such moment."""
    at = millis(datetime.combine(day, time(), tzinfo=zone))
    moment(at)
    return at
