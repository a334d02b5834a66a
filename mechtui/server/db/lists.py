"""Reading: pages of sessions, one session with all that hangs on it, counts.

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

from mechtui.models import Code, Status
from mechtui.server.db.rows import (
    SELECT_SESSION,
    SessionRow,
    Viewpoint,
    former_view,
    open_view,
    own_view,
    read_session,
)
from mechtui.server.db.sessions import Mechanic
from mechtui.server.refusal import Refusal, not_found
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


# --- one session --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Reader:
    """Who reads one session: a mechanic, or somebody on the customer's side (`mechanic` is None)."""

    mechanic: Mechanic | None
    now: str

    def sees(self, connection: apsw.Connection, session_id: str) -> SessionRow:
        """The session, if it is his to see: his own, an open request for him, or one he once had and nobody has."""
        row = read_session(connection, session_id)
        if row is None or not self._may_see(connection, row):
            raise not_found()
        return row

    def holds(self, row: SessionRow) -> bool:
        """Whether he may have what only the holder and the customer's side may: contact details, the page."""
        return self.mechanic is None or row.mechanic_id == self.mechanic.id

    def _may_see(self, connection: apsw.Connection, row: SessionRow) -> bool:
        if self.mechanic is None or row.mechanic_id == self.mechanic.id:
            return True
        if row.mechanic_id is not None:
            return False
        if row.status == Status.PENDING and row.type in self.mechanic.types:
            return True
        had = "SELECT 1 FROM events WHERE session_id = ? AND mechanic_id = ? LIMIT 1"
        return bool(connection.execute(had, (row.id, self.mechanic.id)).fetchall())


def detail(connection: apsw.Connection, reader: Reader, session_id: str, viewpoint: Viewpoint) -> dict[str, Any]:
    """One session with its events, summary and review."""
    with one_moment(connection):
        row = reader.sees(connection, session_id)
        view = own_view(row, viewpoint) if reader.holds(row) else open_view(row)
        return {
            "session": view,
            "events": _events(connection, session_id),
            "summary": _first_as_dict(
                connection,
                "SELECT findings, steps_taken, parts_needed, next_steps, submitted_at "
                "FROM session_summaries WHERE session_id = ?",
                session_id,
            ),
            "review": _first_as_dict(
                connection, "SELECT rating, comment, created_at FROM session_reviews WHERE session_id = ?", session_id
            ),
        }


def _events(connection: apsw.Connection, session_id: str) -> list[dict[str, Any]]:
    rows = connection.execute(
        "SELECT e.seq, e.kind, e.at, e.actor, e.mechanic_id, m.name, e.reason FROM events e "
        "LEFT JOIN mechanics m ON m.id = e.mechanic_id WHERE e.session_id = ? ORDER BY e.seq",
        (session_id,),
    )
    return [
        {
            "seq": seq,
            "kind": kind,
            "at": at,
            "actor": actor,
            "mechanic": mechanic_id and {"id": mechanic_id, "name": name},
            "reason": reason,
        }
        for seq, kind, at, actor, mechanic_id, name, reason in rows
    ]


def _first_as_dict(connection: apsw.Connection, sql: str, session_id: str) -> dict[str, Any] | None:
    cursor = connection.execute(sql, (session_id,))
    for row in cursor:
        return {column[0]: value for column, value in zip(cursor.get_description(), row, strict=True)}
    return None


def intake(connection: apsw.Connection, reader: Reader, session_id: str) -> dict[str, Any]:
    """Every field as it was submitted; contact details for the holder and the customer's side only."""
    with one_moment(connection):
        row = reader.sees(connection, session_id)
        fields = _first_as_dict(
            connection,
            "SELECT i.id, i.type, i.plan, i.urgent, i.name, i.email, i.phone, i.city, i.year, i.make, i.model, i.vin, "
            "i.plate, i.odometer, i.concern, i.drivable, i.history, i.created_at "
            "FROM intakes i JOIN sessions s ON s.intake_id = i.id WHERE s.id = ?",
            session_id,
        )
        assert fields is not None
        files = connection.execute(
            "SELECT id, name, mime, length(content) FROM intake_files WHERE intake_id = ? ORDER BY position",
            (fields.pop("id"),),
        )
        hidden = not reader.holds(row)
        fields |= {"email": None, "phone": None} if hidden else {}
        return fields | {
            "session_id": session_id,
            "urgent": bool(fields["urgent"]),
            "drivable": None if fields["drivable"] is None else bool(fields["drivable"]),
            "history": json.loads(fields["history"]),
            "contact_hidden": hidden,
            "files": [{"id": i, "name": name, "mime": mime, "bytes": size} for i, name, mime, size in files],
        }


def file(connection: apsw.Connection, reader: Reader, session_id: str, file_id: str) -> tuple[str, bytes]:
    """Name and content of one file of the intake."""
    with one_moment(connection):
        reader.sees(connection, session_id)
        rows = connection.execute(
            "SELECT f.name, f.content FROM intake_files f JOIN sessions s ON s.intake_id = f.intake_id "
            "WHERE s.id = ? AND f.id = ?",
            (session_id, file_id),
        ).fetchall()
    if not rows:
        raise not_found("file")
    return rows[0][0], rows[0][1]  # type: ignore[return-value]
