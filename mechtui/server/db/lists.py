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

import apsw

from mechtui.models import Code
from mechtui.server.db.rows import (
    SELECT_SESSION,
    SessionRow,
    Viewpoint,
    former_view,
    open_view,
    own_view,
)
from mechtui.server.db.sessions import Mechanic
from mechtui.server.refusal import Refusal
from mechtui.text import fold

_Where = tuple[list[str], dict[str, Any]]


@dataclass(frozen=True)
class Wanted:
    """Which rows of a list, and how many. `since` and `until` are stamps of the request's time."""

    q: str = ""
    type: str | None = None
    status: str | None = None
    since: str | None = None
    until: str | None = None
    limit: int = 50
    cursor: str | None = None


@contextmanager
def one_moment(connection: apsw.Connection) -> Iterator[int]:
    """A read transaction; gives the position in the feed that everything read inside belongs to."""
    connection.execute("BEGIN")
    try:
        yield head(connection)[1]
    finally:
        connection.execute("COMMIT")


def head(connection: apsw.Connection) -> tuple[str, int]:
    """Epoch and position of the feed."""
    row = connection.execute("SELECT epoch, seq FROM feed_head").fetchall()[0]
    return str(row[0]), row[1]  # type: ignore[return-value]


def open_sessions(connection: apsw.Connection) -> list[SessionRow]:
    """Every session that has not ended."""
    return _rows(connection, SELECT_SESSION + "WHERE s.status IN ('pending', 'waiting', 'live')", {})


def ended_counts(connection: apsw.Connection, me: str) -> tuple[int, int, int]:
    """How many sessions this mechanic completed, how many he had a hand in, and the position both are of."""
    with one_moment(connection) as seq:
        row = connection.execute(
            "SELECT (SELECT count(*) FROM sessions WHERE mechanic_id = :me AND status = 'completed'), "
            "(SELECT count(DISTINCT session_id) FROM events WHERE mechanic_id = :me)",
            {"me": me},
        ).fetchall()[0]
    return row[0], row[1], seq  # type: ignore[return-value]


# --- pages --------------------------------------------------------------------------------------------------


def incoming(connection: apsw.Connection, me: Mechanic, wanted: Wanted, now: str) -> dict[str, Any]:
    """Open requests this mechanic may accept: urgent first, then oldest first."""
    where = [
        "s.status = 'pending'",
        "s.expires_at > :now",
        "s.type IN (SELECT value FROM json_each(:types))",
    ]
    base = (where, {"now": now, "types": json.dumps(me.types)})
    after = "(s.urgent < :k0 OR (s.urgent = :k0 AND (s.created_at, s.id) > (:k1, :k2)))"
    order = "s.urgent DESC, s.created_at, s.id"
    key = _key(lambda row: [row.urgent, row.created_at, row.id])
    return _page(connection, base, after, order, key, wanted, now, open_view)


def active(connection: apsw.Connection, me: Mechanic, wanted: Wanted, now: str, viewpoint: Viewpoint) -> dict[str, Any]:
    """His sessions that have not ended."""
    base = (["s.mechanic_id = :me", "s.status IN ('waiting', 'live')"], {"me": me.id})
    after, order = "(s.accepted_at, s.id) < (:k0, :k1)", "s.accepted_at DESC, s.id DESC"
    key = _key(lambda row: [row.accepted_at, row.id])
    return _page(connection, base, after, order, key, wanted, now, lambda row: own_view(row, viewpoint))


def completed(
    connection: apsw.Connection, me: Mechanic, wanted: Wanted, now: str, viewpoint: Viewpoint
) -> dict[str, Any]:
    """His completed sessions, the latest end first."""
    base = (["s.mechanic_id = :me", "s.status = 'completed'"], {"me": me.id})
    after, order = "(s.ended_at, s.id) < (:k0, :k1)", "s.ended_at DESC, s.id DESC"
    key = _key(lambda row: [row.ended_at, row.id])
    return _page(connection, base, after, order, key, wanted, now, lambda row: own_view(row, viewpoint))


def history(
    connection: apsw.Connection, me: Mechanic, wanted: Wanted, now: str, viewpoint: Viewpoint
) -> dict[str, Any]:
    """Every request he had a hand in, the latest first, each with its outcome for him."""
    hand = "EXISTS (SELECT 1 FROM events e WHERE e.session_id = s.id AND e.mechanic_id = :me)"
    base = ([hand], {"me": me.id})
    after, order = "(s.created_at, s.id) < (:k0, :k1)", "s.created_at DESC, s.id DESC"
    key = _key(lambda row: [row.created_at, row.id])
    return _page(connection, base, after, order, key, wanted, now, lambda row: _history_view(row, me, viewpoint))


def _history_view(row: SessionRow, me: Mechanic, viewpoint: Viewpoint) -> dict[str, Any]:
    if row.mechanic_id != me.id:
        return former_view(row) | {"outcome": "released"}
    return own_view(row, viewpoint) | {"outcome": "active" if row.is_active else row.status}


def _page(
    connection: apsw.Connection,
    base: _Where,
    after: str,
    order: str,
    key: Callable[[SessionRow], str],
    wanted: Wanted,
    now: str,
    view: Callable[[SessionRow], dict[str, Any]],
) -> dict[str, Any]:
    where, params = _filtered(base, wanted)
    page_where, page_params = (where, params)
    if wanted.cursor is not None:
        keys = _read_cursor(wanted.cursor, after)
        page_where, page_params = ([*where, after], params | keys)
    with one_moment(connection) as seq:
        total = connection.execute(_COUNT + " AND ".join(where), params).fetchall()[0][0]
        sql = f"{SELECT_SESSION} WHERE {' AND '.join(page_where)} ORDER BY {order} LIMIT :limit"
        rows = _rows(connection, sql, page_params | {"limit": wanted.limit + 1})
    shown = rows[: wanted.limit]
    return {
        "items": [view(row) for row in shown],
        "next_cursor": key(shown[-1]) if len(rows) > wanted.limit else None,
        "total": total,
        "seq": seq,
        "server_now": now,
    }


_COUNT = "SELECT count(*) FROM sessions s JOIN intakes i ON i.id = s.intake_id WHERE "


def _filtered(base: _Where, wanted: Wanted) -> _Where:
    """The list's own condition and the filters'. Words are looked for in what the caller may see, never in contacts."""
    where, params = list(base[0]), dict(base[1])
    for n, word in enumerate(fold(wanted.q).split()):
        where.append(f"instr(i.folded, :q{n}) > 0")
        params[f"q{n}"] = word
    plain = {"s.type =": wanted.type, "s.status =": wanted.status}
    plain |= {"s.created_at >=": wanted.since, "s.created_at <": wanted.until}
    for n, (condition, value) in enumerate(plain.items()):
        if value is not None:
            where.append(f"{condition} :f{n}")
            params[f"f{n}"] = value
    return where, params


def _key(parts: Callable[[SessionRow], list[Any]]) -> Callable[[SessionRow], str]:
    return lambda row: base64.urlsafe_b64encode(json.dumps(parts(row)).encode()).decode()


def _read_cursor(cursor: str, after: str) -> dict[str, Any]:
    try:
        values = json.loads(base64.b64decode(cursor.encode("ascii"), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError) as error:
        raise _bad_cursor() from error
    wanted = len({after[at + 1 : at + 3] for at in range(len(after)) if after.startswith(":k", at)})
    if not isinstance(values, list) or len(values) != wanted or not all(isinstance(v, str | int) for v in values):
        raise _bad_cursor()
    return {f"k{n}": value for n, value in enumerate(values)}


def _bad_cursor() -> Refusal:
    return Refusal(422, Code.INVALID, "This cursor is not one this list gave; start from its first page.")


def _rows(connection: apsw.Connection, sql: str, params: dict[str, Any]) -> list[SessionRow]:
    return [SessionRow._make(row) for row in connection.execute(sql, params)]
