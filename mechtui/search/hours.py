"""Hours of the day: typed by the clock on the wall, kept as minutes since midnight in UTC. Pure."""

import re

from mechtui.search.days import Today
from mechtui.search.tree import Between, Node, any_of

DAY = 24 * 60
_TIME = re.compile(r"([01]?[0-9]|2[0-3])(?::([0-5][0-9])(Z)?)?")

Stretch = tuple[int, int, bool]
"""From a minute of the day to another, the second not included; and whether they are of the day in UTC."""


def hours(text: str, operator: str, today: Today) -> Node | None:
    """`8` is the whole hour, `8:30` a minute, `22..5` goes over midnight; `14:30Z` is by UTC wherever it is read.

    Other times are by the clock as it is set today: a session from before the clocks were changed is looked for an
    hour off. Nothing when it is none of these.
    """
    first, dots, last = text.partition("..")
    found = _range(first, last) if dots and not operator else _compared(_stretch(text), operator)
    if found is None:
        return None
    low, high, utc = found
    if low == high and operator:
        return Between("hour", None, 0)
    length = (high - low) % DAY
    if not length:
        return _between(0, DAY)
    start = low % DAY if utc else (low - _offset(today)) % DAY
    if start + length <= DAY:
        return _between(start, start + length)
    return any_of((_between(start, DAY), _between(0, start + length - DAY)))


def _stretch(text: str) -> Stretch | None:
    found = _TIME.fullmatch(text)
    if found is None:
        return None
    low = int(found[1]) * 60 + int(found[2] or 0)
    return low, low + (1 if found[2] else 60), found[3] is not None


def _range(first: str, last: str) -> Stretch | None:
    """`a..b`; `a..` and `..b` go to the ends of the day."""
    start, end = (_stretch(text) if text else None for text in (first, last))
    if (first and start is None) or (last and end is None):
        return None
    if start is None or end is None:
        return _compared(start, ">=") or _compared(end, "<=")
    return (start[0], end[1], start[2]) if start[2] == end[2] else None


def _compared(found: Stretch | None, operator: str) -> Stretch | None:
    if found is None:
        return None
    low, high, utc = found
    ends = {"<": (0, low), "<=": (0, high), ">": (high, DAY), ">=": (low, DAY)}
    return (*ends.get(operator, (low, high)), utc)


def _between(low: int, high: int) -> Node:
    """Without an end where it is the day's own; the whole day has a start."""
    whole = (low, high) == (0, DAY)
    return Between("hour", low if low or whole else None, high if high < DAY else None)


def _offset(today: Today) -> int:
    """How far the clock is ahead of UTC, in minutes."""
    ahead = today.now.astimezone(today.zone).utcoffset()
    return round(ahead.total_seconds() / 60) if ahead else 0
