"""The fields a query may name, and how the value of each is read. Pure.

`FIELDS` is the whole language besides words, `-`, `or` and parentheses; the help and the docs are made from it.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from mechtui.search import days, values
from mechtui.search.days import Today
from mechtui.search.hours import hours
from mechtui.search.tree import Among, Between, Flag, Match, Node, Words

TYPES = ("chat", "diagnostic", "video")
STATUSES = ("active", "cancelled", "completed", "expired", "handed", "live", "passed", "pending", "released", "waiting")
FLAGS = ("expired", "live", "mine", "open", "taken", "unrated", "urgent", "waiting")
THINGS = ("files", "photos", "plate", "rating", "summary", "vin")

_CODE = re.compile(r"[pbcu][0-9][0-9a-f]{0,3}", re.IGNORECASE)
_WHOLE_CODE = 5


@dataclass(frozen=True)
class Value:
    """One value as it was typed: an operator or nothing, the text, and whether it stood in quotes or ends in `*`."""

    text: str
    operator: str = ""
    quoted: bool = False
    star: bool = False


Reader = Callable[[Value, Today], Node | None]
"""Reads a value; nothing when it cannot be understood."""


@dataclass(frozen=True)
class Field:
    """A field: how its values are read, an example, and what it finds in a few words."""

    name: str
    read: Reader
    example: str
    help: str


def _text(name: str) -> Reader:
    def read(value: Value, _: Today) -> Node | None:
        if value.operator not in {"", "="} or (value.operator and value.star):
            return None
        match = Match.WHOLE if value.operator else Match.START if value.star else Match.INSIDE
        return Words(name, value.text, match)

    return read


def _code(value: Value, _: Today) -> Node | None:
    if value.operator or not _CODE.fullmatch(value.text):
        return None
    whole = len(value.text) == _WHOLE_CODE and not value.star
    return Words("code", value.text.upper(), Match.WHOLE if whole else Match.START)


def _among(name: str, known: tuple[str, ...]) -> Reader:
    def read(value: Value, _: Today) -> Node | None:
        found = tuple(word for word in known if word.startswith(value.text.lower()))
        return Among(name, found) if found and not value.operator and not value.star else None

    return read


def _flag(name: str, known: tuple[str, ...]) -> Reader:
    def read(value: Value, _: Today) -> Node | None:
        found = [word for word in known if word.startswith(value.text.lower())]
        right = len(found) == 1 and not value.operator and not value.star
        return Flag(name, found[0]) if right else None

    return read


def _number(name: str, stretch: Callable[[str], values.Stretch | None], *, exact: bool) -> Reader:
    def read(value: Value, _: Today) -> Node | None:
        return between(name, value, stretch, exact=exact)

    return read


def _date(value: Value, today: Today) -> Node | None:
    return between("date", value, lambda text: days.stretch(text, today), exact=False)


def _hour(value: Value, today: Today) -> Node | None:
    return None if value.star else hours(value.text, value.operator, today)


def _side(operator: str) -> Reader:
    """`from:` and its like are `date:` with an operator."""

    def read(value: Value, today: Today) -> Node | None:
        return None if value.operator or ".." in value.text else _date(Value(value.text, operator), today)

    return read


def between(name: str, value: Value, stretch: Callable[[str], values.Stretch | None], *, exact: bool) -> Node | None:
    """A number, a comparison or a range `a..b` of what `stretch` reads.

    With `exact`, what is compared with is the least of what was typed: more than `5m` is more than five minutes, not
    six or more; though `5m` alone is all of the sixth minute.
    """
    if value.star:
        return None
    first, dots, last = value.text.partition("..")
    if dots and not value.operator:
        return _range(name, first, last, stretch, exact=exact)
    found = stretch(value.text)
    if found is None:
        return None
    low, high = (found[0], found[0] + 1) if exact and value.operator else found
    match value.operator:
        case "<":
            return Between(name, None, low)
        case "<=":
            return Between(name, None, high)
        case ">":
            return Between(name, high, None)
        case ">=":
            return Between(name, low, None)
    return Between(name, low, high)


def _range(
    name: str, first: str, last: str, stretch: Callable[[str], values.Stretch | None], *, exact: bool
) -> Node | None:
    """`a..b`, in whichever order; `a..` and `..b` have no end or no start."""
    start, end = (stretch(text) if text else None for text in (first, last))
    if (first and start is None) or (last and end is None) or not (start or end):
        return None
    if start and end and end < start:
        start, end = end, start
    after = None if end is None else end[0] + 1 if exact else end[1]
    return Between(name, start[0] if start else None, after)


FIELDS: dict[str, Field] = {
    field.name: field
    for field in (
        Field("name", _text("name"), "name:okafor", "the customer's name"),
        Field("vehicle", _text("vehicle"), 'vehicle:"ford escape"', "year, make and model in one"),
        Field("make", _text("make"), "make:toyota,honda", "the make"),
        Field("model", _text("model"), "model:camry", "the model"),
        Field("year", _number("year", values.year, exact=False), "year:2015..2020", "the vehicle's year"),
        Field("vin", _text("vin"), "vin:4T1*", "the VIN"),
        Field("plate", _text("plate"), "plate:8ABC123", "the plate; spaces and dashes make no difference"),
        Field("code", _code, "code:P0420", "a trouble code in the customer's words"),
        Field("type", _among("type", TYPES), "type:video", f"{', '.join(TYPES[:-1])} or {TYPES[-1]}"),
        Field("status", _among("status", STATUSES), "status:cancelled", ", ".join(STATUSES)),
        Field("is", _flag("is", FLAGS), "is:urgent", ", ".join(FLAGS)),
        Field("has", _flag("has", THINGS), "has:summary", ", ".join(THINGS)),
        Field("rating", _number("rating", values.rating, exact=False), "rating:>=4", "the customer's verdict, 1 to 5"),
        Field("wait", _number("wait", values.length, exact=True), "wait:>5m", "how long it waited for a mechanic"),
        Field("length", _number("length", values.length, exact=True), "length:<=1h30m", "how long it ran"),
        Field("plan", _text("plan"), "plan:video", "the name of what was booked"),
        Field("price", _number("price", values.price, exact=True), "price:20..30", "the plan's price"),
        Field("date", _date, "date:2026-11-01..2026-11-24", "when it was requested"),
        Field("hour", _hour, "hour:8..11", "the hour of the day it was requested; 22..5 goes over midnight"),
        Field("from", _side(">="), "from:monday", "requested on that day or later"),
        Field("to", _side("<="), "to:yesterday", "requested on that day or earlier"),
        Field("before", _side("<"), "before:2026-11-01", "requested earlier than that day"),
        Field("after", _side(">"), 'after:"last week"', "requested later than that day"),
    )
}
"""Every field by its name."""

ALIASES = {"dtc": "code", "customer": "name", "car": "vehicle", "on": "date", "dur": "length"}
"""Other names of fields."""

_NEAR = {"colour": "code", "color": "code", "since": "from", "until": "to", "day": "date", "cost": "price"}
"""What somebody may have meant who named a field that there is none of, where the spelling does not tell."""


def field_named(name: str) -> Field | None:
    """The field of a name, however it is written."""
    low = name.lower()
    return FIELDS.get(ALIASES.get(low, low))


def nearest(name: str) -> str:
    """The field that may have been meant, or an empty text."""
    from difflib import get_close_matches

    low = name.lower()
    close = get_close_matches(low, [*FIELDS, *ALIASES], n=1, cutoff=0.6)
    return _NEAR.get(low) or (close[0] if close else "")
