"""A mechanic's figures by day and hour of his own zone, and the times they can be asked for. Pure."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from mechtui.figures import Stats, Sum
from mechtui.search.days import Today

_FROM_TO = re.compile(r"(\d{4}-\d\d-\d\d)\.\.(\d{4}-\d\d-\d\d)")
_LONGEST_DAYS = 3660
NAMED = {"today": 1, "week": 7, "month": 30}
"""The times that have a name, in days up to and with today."""


@dataclass(frozen=True)
class Span:
    """So many days, from the first to the last, both of them in it."""

    first: date
    last: date
    name: str = ""

    @property
    def days(self) -> list[date]:
        """Every day of it."""
        return [self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1)]

    @property
    def query(self) -> str:
        """What finds its sessions in a list."""
        return f"from:{self.first} to:{self.last}"

    def moments(self, zone: tzinfo) -> tuple[datetime, datetime]:
        """The beginning of its first day and of the day after its last, as people in this zone have them."""
        after = self.last + timedelta(days=1)
        begin, end = (datetime.combine(day, time(), tzinfo=zone) for day in (self.first, after))
        return begin, end


def named_span(name: str, today: date) -> Span:
    """`today`, the `week` or the `month` that ends today."""
    return Span(today - timedelta(days=NAMED[name] - 1), today, name)


def read_span(text: str, today: date) -> Span | None:
    """A span as one types it: a name, or `2026-11-01..2026-11-15`. Nothing when it is none."""
    if text in NAMED:
        return named_span(text, today)
    found = _FROM_TO.fullmatch(text)
    if found is None:
        return None
    try:
        first, last = (date.fromisoformat(day) for day in found.groups())
    except ValueError:
        return None
    return Span(first, last) if timedelta() <= last - first < timedelta(days=_LONGEST_DAYS) else None


def by_day(stats: Stats, span: Span, zone: tzinfo) -> dict[date, Sum]:
    """The sum of each day of a span, of those with nothing, too."""
    days = dict.fromkeys(span.days, _NOTHING)
    for slot in stats.slots:
        day = slot.at.astimezone(zone).date()
        if day in days:
            days[day] = _added(days[day], slot.sum)
    return days


def by_hour(stats: Stats, zone: tzinfo) -> list[int]:
    """How many sessions were requested in each of the 24 hours of the day."""
    hours = [0] * 24
    for slot in stats.slots:
        hours[slot.at.astimezone(zone).hour] += slot.sum.sessions
    return hours


def same_clock(stats: Stats, today: Today) -> bool:
    """Whether every session was requested while the clock was set as it is today: else `hour:` finds others."""
    ahead = today.now.astimezone(today.zone).utcoffset()
    return all(slot.at.astimezone(today.zone).utcoffset() == ahead for slot in stats.slots)


def rating(stats: Stats) -> float | None:
    """The average verdict; nothing where nobody gave one."""
    count = sum(stats.ratings)
    return sum(n * given for n, given in enumerate(stats.ratings, 1)) / count if count else None


_NOTHING = Sum(sessions=0, price_cents=0, share_cents=0)


def _added(one: Sum, other: Sum) -> Sum:
    return Sum(
        sessions=one.sessions + other.sessions,
        price_cents=one.price_cents + other.price_cents,
        share_cents=one.share_cents + other.share_cents,
    )
