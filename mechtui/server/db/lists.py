"""Reading lists: pages of sessions, and counts.

Pages go by key, not by offset: a row that comes or goes between two pages shifts nothing. Each function reads in
one transaction, so that rows, total and position are of one moment.
"""

import base64
import binascii
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from mechtui.models import Code
from mechtui.search.tree import EVERYTHING, Node
from mechtui.server.db import search
from mechtui.server.db.connection import Connection
from mechtui.server.db.events import position
from mechtui.server.db.rows import (
    SELECT_SESSION,
    SessionRow,
    Shop,
    former_view,
    holder_view,
    open_view,
)
from mechtui.server.db.sessions import NO_HAND, Mechanic
from mechtui.server.refusal import Refusal


@dataclass(frozen=True)
class Wanted:
    """Which rows of a list, and how many. `since` and `until` are stamps of the request's time.

    The page begins behind `cursor`; or, `back`wards, ends before it, without one at the end of the list; or begins
    with the first row that is older than `at`, a stamp.
    """

    q: Node = EVERYTHING
    type: str | None = None
    status: str | None = None
    since: str | None = None
    until: str | None = None
    limit: int = 50
    cursor: str | None = None
    back: bool = False
    at: str | None = None


_PASSED = "EXISTS (SELECT 1 FROM passes p WHERE p.mechanic_id = :me AND p.session_id = s.id)"
_HAND_IN = (
    f"SELECT session_id FROM events WHERE mechanic_id = :me AND kind NOT IN {NO_HAND} "
    "UNION SELECT session_id FROM passes WHERE mechanic_id = :me"
)
"""The sessions he ever had, and those he passed on."""
_HAD = f"EXISTS (SELECT 1 FROM events e WHERE e.mechanic_id = :me AND e.session_id = s.id AND e.kind NOT IN {NO_HAND})"


@contextmanager
def one_moment(connection: Connection) -> Iterator[int]:
    """A read transaction; gives the position in the feed that everything read inside belongs to."""
    connection.begin_reading()
    try:
        yield position(connection).seq
    finally:
        connection.execute("COMMIT")


def everything_open(connection: Connection) -> tuple[str, int, list[SessionRow], list[tuple[str, str]]]:
    """Epoch and position of the feed, with the open sessions and the passes on them as they are there."""
    with one_moment(connection):
        return *position(connection), open_sessions(connection), open_passes(connection)


def open_passes(connection: Connection) -> list[tuple[str, str]]:
    """Session and mechanic of every pass on a request that has not ended."""
    sql = (
        "SELECT p.session_id, p.mechanic_id FROM passes p JOIN sessions s ON s.id = p.session_id "
        "WHERE s.ended_at IS NULL"
    )
    return connection.execute(sql).fetchall()


def open_sessions(connection: Connection) -> list[SessionRow]:
    """Every session that has not ended."""
    return _rows(connection, SELECT_SESSION + "WHERE s.status IN ('pending', 'waiting', 'live')", {})


def ended_counts(connection: Connection, me: str) -> tuple[int, int, int]:
    """How many sessions this mechanic completed, how many he had a hand in, and the position both are of."""
    with one_moment(connection) as seq:
        row = connection.execute(
            "SELECT (SELECT count(*) FROM sessions WHERE mechanic_id = :me AND status = 'completed'), "
            f"(SELECT count(*) FROM ({_HAND_IN}) AS hand)",
            {"me": me},
        ).fetchall()[0]
    return row[0], row[1], seq


# --- pages --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Listing:
    """One of the lists: which sessions are in it, in which order, and how each is seen.

    `key` names the fields of a row that its place in the order is made of; `after` is the condition that a row comes
    behind the key `:k0`, `:k1` …, `reverse` and `before` are the same from the other end. `older` is the condition
    that a row is older than `:at`, where the list goes by time. `standing` is how a session stands for the viewer.
    """

    where: tuple[str, ...]
    order: str
    after: str
    reverse: str
    before: str
    key: tuple[str, ...]
    view: Callable[[SessionRow, Mechanic, Shop], dict[str, Any]]
    older: str | None = None
    standing: str = search.OWN

    @classmethod
    def latest_first(
        cls,
        time: str,
        *where: str,
        view: Callable[[SessionRow, Mechanic, Shop], dict[str, Any]],
        standing: str = search.OWN,
    ) -> "Listing":
        """A list in the order of a column of time, the latest first."""
        return cls(
            where=where,
            order=f"s.{time} DESC, s.id DESC",
            after=f"(s.{time}, s.id) < (:k0, :k1)",
            reverse=f"s.{time}, s.id",
            before=f"(s.{time}, s.id) > (:k0, :k1)",
            key=(time, "id"),
            view=view,
            older=f"s.{time} < :at",
            standing=standing,
        )


def _open(row: SessionRow, _me: Mechanic, _shop: Shop) -> dict[str, Any]:
    return open_view(row)


def _own(row: SessionRow, _me: Mechanic, shop: Shop) -> dict[str, Any]:
    return holder_view(row, shop)


def _with_outcome(row: SessionRow, me: Mechanic, shop: Shop) -> dict[str, Any]:
    if row.mechanic_id != me.id:
        return former_view(row)
    return holder_view(row, shop) | {"outcome": "active" if row.is_active else row.status}


INCOMING = Listing(
    where=("s.status = 'pending'", "s.expires_at > :now", "instr(:types, s.type) > 0", f"NOT {_PASSED}"),
    order="s.urgent DESC, s.created_at, s.id",
    after="(s.urgent < :k0 OR (s.urgent = :k0 AND (s.created_at, s.id) > (:k1, :k2)))",
    reverse="s.urgent, s.created_at DESC, s.id DESC",
    before="(s.urgent > :k0 OR (s.urgent = :k0 AND (s.created_at, s.id) < (:k1, :k2)))",
    key=("urgent", "created_at", "id"),
    view=_open,
)
"""Open requests he may accept: urgent first, then oldest first."""

ACTIVE = Listing.latest_first("accepted_at", "s.mechanic_id = :me", "s.status IN ('waiting', 'live')", view=_own)
"""His sessions that have not ended."""

COMPLETED = Listing.latest_first("ended_at", "s.mechanic_id = :me", "s.status = 'completed'", view=_own)
"""His completed sessions, the latest end first."""

HISTORY = Listing.latest_first(
    "created_at",
    f"(s.mechanic_id = :me OR {_HAD} OR {_PASSED})",
    view=_with_outcome,
    standing=search.FOR_HIM,
)
"""Every request he had a hand in, the latest first, each with its outcome for him."""

_COUNT = "SELECT count(*) FROM sessions s"
_COUNT_IN_INTAKES = f"{_COUNT} JOIN intakes i ON i.id = s.intake_id"


def page(
    connection: Connection, listing: Listing, me: Mechanic, wanted: Wanted, now: str, shop: Shop
) -> dict[str, Any]:
    """One page of a list, with the total of all its pages."""
    params: dict[str, Any] = {"me": me.id, "now": now, "types": me.types_text}
    where = [*listing.where, *_filters(wanted, listing, params)]
    start = _start(wanted, listing, params)
    with one_moment(connection) as seq:
        total = _count(connection, wanted, where, params)
        left = _count(connection, wanted, [*where, *start], params) if wanted.at else total
        order = listing.reverse if wanted.back else listing.order
        sql = f"{SELECT_SESSION} WHERE {' AND '.join([*where, *start])} ORDER BY {order} LIMIT {wanted.limit + 1}"
        rows = _rows(connection, sql, params)
        standings = _standings(connection, me, rows) if listing.standing == search.FOR_HIM else {}
    shown = rows[: wanted.limit][:: -1 if wanted.back else 1]
    items = [listing.view(row, me, shop) for row in shown]
    more, came_from = len(rows) > wanted.limit, wanted.cursor is not None
    above, below = (more, came_from) if wanted.back else (came_from or left < total, more)
    return {
        "items": [item | standings.get(item["id"], {}) for item in items],
        "next_cursor": _cursor(shown[-1], listing) if shown and below else None,
        "prev_cursor": _cursor(shown[0], listing) if shown and above else None,
        "skipped": total - left,
        "total": total,
        "seq": seq,
        "server_now": now,
    }


def _count(connection: Connection, wanted: Wanted, where: list[str], params: dict[str, Any]) -> int:
    count = _COUNT_IN_INTAKES if search.needs_intake(wanted.q) else _COUNT
    found = connection.execute(f"{count} WHERE {' AND '.join(where)}", params).fetchall()
    return int(str(found[0][0]))


def _start(wanted: Wanted, listing: Listing, params: dict[str, Any]) -> list[str]:
    """The condition that a row comes after where the page begins; what it binds is put into `params`."""
    if wanted.cursor is not None:
        params |= read_cursor(wanted.cursor, len(listing.key))
        return [listing.before if wanted.back else listing.after]
    if wanted.at is None:
        return []
    if listing.older is None or wanted.back:
        raise Refusal(422, Code.INVALID, "`at` is for lists that go by time, from their latest row on.")
    params["at"] = wanted.at
    return [listing.older]


def _filters(wanted: Wanted, listing: Listing, params: dict[str, Any]) -> list[str]:
    """Conditions for what is wanted; what they bind is put into `params`."""
    where = [] if wanted.q == EVERYTHING else [search.condition(wanted.q, listing.standing, params)]
    plain = {"s.type =": wanted.type, "s.status =": wanted.status}
    plain |= {"s.created_at >=": wanted.since, "s.created_at <": wanted.until}
    for n, (condition, value) in enumerate(plain.items()):
        if value is not None:
            where.append(f"{condition} :f{n}")
            params[f"f{n}"] = value
    return where


def _cursor(row: SessionRow, listing: Listing) -> str:
    return write_cursor([getattr(row, name) for name in listing.key])


def write_cursor(key: list[Any]) -> str:
    """The place behind a row, from the fields that its place in the order is made of."""
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode()


def read_cursor(cursor: str, size: int) -> dict[str, Any]:
    """The key of `size` fields in a cursor, as `k0`, `k1` … Refuses any that is none of ours."""
    try:
        key = json.loads(base64.b64decode(cursor.encode("ascii"), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError) as error:
        raise _bad_cursor() from error
    fits = isinstance(key, list) and len(key) == size and all(isinstance(part, str | int) for part in key)
    if not fits:
        raise _bad_cursor()
    return {f"k{n}": part for n, part in enumerate(key)}


def _bad_cursor() -> Refusal:
    return Refusal(422, Code.INVALID, "This cursor is not one this list gave; start from its first page.")


def _standings(connection: Connection, me: Mechanic, rows: list[SessionRow]) -> dict[str, dict[str, str]]:
    """By id the outcome of those that are not his: he passed on them, gave them back or handed them over."""
    others = json.dumps([row.id for row in rows if row.mechanic_id != me.id])
    sql = f"SELECT s.id, {search.FOR_HIM} FROM sessions s WHERE s.id IN (SELECT value FROM json_each(:others))"
    found = connection.execute(sql, {"me": me.id, "others": others})
    return {session_id: {"outcome": outcome} for session_id, outcome in found}


def _rows(connection: Connection, sql: str, params: dict[str, Any]) -> list[SessionRow]:
    return [SessionRow._make(row) for row in connection.execute(sql, params)]
