"""What became of a mechanic's sessions in a time. Every figure is made of sessions, events and attempts when asked.

A session belongs to the time in which it was requested, as in the lists: so each figure is the length of a list.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from statistics import median
from typing import Any, NamedTuple

from mechtui.server.db.connection import Connection
from mechtui.server.db.lists import one_moment

_MINUTES = 15
"""Every zone on earth is a whole number of these away from UTC: a terminal can make its own days and hours of them."""


class _Done(NamedTuple):
    """One completed session, as the query below reads it."""

    type: str
    plan_name: str
    price_cents: int
    share_bp: int
    created_at: str
    accepted_at: str
    started_at: str
    ended_at: str
    rating: int | None

    @property
    def share_cents(self) -> int:
        """The mechanic's part of the price, to the nearest cent, half a cent up."""
        return (self.price_cents * self.share_bp + 5000) // 10_000

    @property
    def length(self) -> float:
        """How long it ran, in seconds."""
        return _between(self.started_at, self.ended_at)

    @property
    def waited(self) -> float:
        """How long the customer waited until it was accepted, in seconds."""
        return _between(self.created_at, self.accepted_at)

    @property
    def slot(self) -> str:
        """The stamp of the quarter of an hour in which it was requested."""
        minute = int(self.created_at[14:16]) // _MINUTES * _MINUTES
        return f"{self.created_at[:14]}{minute:02}:00.000Z"


_COMPLETED = """
SELECT s.type, p.name, s.price_cents, s.mechanic_share_bp, s.created_at, s.accepted_at, s.started_at,
  s.ended_at, (SELECT r.rating FROM session_reviews r WHERE r.session_id = s.id)
FROM sessions s JOIN plans p ON p.code = s.plan_code
WHERE s.mechanic_id = :me AND s.status = 'completed' AND s.created_at >= :since AND s.created_at < :until
"""
_OTHERS = """
SELECT
  (SELECT count(*) FROM sessions s WHERE s.mechanic_id = :me AND s.status = 'cancelled'
    AND s.created_at >= :since AND s.created_at < :until),
  (SELECT count(*) FROM sessions s WHERE s.created_at >= :since AND s.created_at < :until
    AND s.mechanic_id IS DISTINCT FROM :me
    AND EXISTS (SELECT 1 FROM events e WHERE e.session_id = s.id AND e.mechanic_id = :me AND e.kind = 'released')
    AND NOT EXISTS (SELECT 1 FROM passes p WHERE p.session_id = s.id AND p.mechanic_id = :me)),
  (SELECT count(*) FROM (SELECT DISTINCT a.session_id, a.won_at FROM attempts a JOIN sessions s ON s.id = a.session_id
    WHERE a.winner_id = :me AND s.created_at >= :since AND s.created_at < :until) won),
  (SELECT count(*) FROM attempts a JOIN sessions s ON s.id = a.session_id
    WHERE a.mechanic_id = :me AND s.created_at >= :since AND s.created_at < :until)
"""


def stats(connection: Connection, me: str, since: str, until: str) -> dict[str, Any]:
    """The figures of one mechanic for the sessions requested in [since, until)."""
    params = {"me": me, "since": since, "until": until}
    with one_moment(connection):
        done = [_Done._make(row) for row in connection.execute(_COMPLETED, params)]
        cancelled, released, won, lost = connection.execute(_OTHERS, params).fetchall()[0]
    ratings = Counter(row.rating for row in done)
    return {
        "since": since,
        "until": until,
        "total": _sum(done),
        "by_type": [{"name": name, "sum": _sum(rows)} for name, rows in _grouped(done, "type")],
        "by_plan": [{"name": name, "sum": _sum(rows)} for name, rows in _grouped(done, "plan_name")],
        "waited": _times([row.waited for row in done]),
        "ratings": [ratings[n] for n in range(1, 6)],
        "cancelled": cancelled,
        "released": released,
        "races_won": won,
        "races_lost": lost,
        "slots": [{"at": at, "sum": _sum(rows)} for at, rows in _grouped(done, "slot")],
    }


def _grouped(rows: Iterable[_Done], key: str) -> list[tuple[str, list[_Done]]]:
    groups: defaultdict[str, list[_Done]] = defaultdict(list)
    for row in rows:
        groups[getattr(row, key)].append(row)
    return sorted(groups.items())


def _sum(rows: Sequence[_Done]) -> dict[str, Any]:
    return {
        "sessions": len(rows),
        "price_cents": sum(row.price_cents for row in rows),
        "share_cents": sum(row.share_cents for row in rows),
        "length": _times([row.length for row in rows]),
    }


def _times(seconds: Sequence[float]) -> dict[str, float] | None:
    """Sum, median and longest; nothing of nothing."""
    if not seconds:
        return None
    return {"seconds": sum(seconds), "median": median(seconds), "longest": max(seconds)}


def _between(begin: str, end: str) -> float:
    return (datetime.fromisoformat(end) - datetime.fromisoformat(begin)).total_seconds()
