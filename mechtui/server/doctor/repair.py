"""The repairs that are safe: each in a transaction of its own, with an event where a session is concerned."""

from collections.abc import Callable

from mechtui.models import Kind
from mechtui.server.clock import Clock, stamp, utc_now
from mechtui.server.db.connection import Connection, transaction
from mechtui.server.db.engine import engine_of
from mechtui.server.db.events import Entry, begin_new_history, write_down
from mechtui.server.db.forgetting import empty, empty_beside
from mechtui.server.db.rows import read_session
from mechtui.server.doctor.audit import Audit, audit


def repair(database: str, clock: Clock = utc_now) -> tuple[Audit, Audit]:
    """Do what is safe; what was found before it, and after it. No backend may serve. Raises `DatabaseError`."""
    with engine_of(database).alone() as connection:
        before = audit(connection)
        for finding in before.findings:
            if finding.kind.safe:
                for row in finding.rows:
                    with transaction(connection):
                        _REPAIRS[finding.kind.name](connection, row, stamp(clock()))
                        begin_new_history(connection)
        return before, audit(connection)


def _tell_end(connection: Connection, session_id: str, now: str) -> None:
    ((status, by, who, at),) = connection.execute(
        "SELECT status, ended_by, mechanic_id, ended_at FROM sessions WHERE id = ?", (session_id,)
    ).fetchall()
    by_mechanic = by == "mechanic" and who is not None
    actor = "mechanic" if by_mechanic else "customer" if by == "customer" else "system"
    _append(connection, session_id, status, actor, who if by_mechanic else None, at, None)
    _repaired(connection, session_id, now, "its end was missing in the log")


def _tell_start(connection: Connection, session_id: str, now: str) -> None:
    ((at,),) = connection.execute("SELECT started_at FROM sessions WHERE id = ?", (session_id,)).fetchall()
    _append(connection, session_id, Kind.STARTED, "system", None, at, None)
    _repaired(connection, session_id, now, "its start was missing in the log")


def _withdraw(connection: Connection, session_id: str, now: str) -> None:
    connection.execute("DELETE FROM handovers WHERE session_id = ?", (session_id,))
    _repaired(connection, session_id, now, "it was offered by a mechanic who does not have it")


def _remove(connection: Connection, session_id: str, now: str) -> None:
    row = read_session(connection, session_id)
    assert row is not None, "it was found a moment ago"
    empty(connection.execute, session_id, row, now)
    empty_beside(connection.execute, [session_id])
    _repaired(connection, session_id, now, "its customer's data was to be removed, and was there")


def _tell_removal(connection: Connection, session_id: str, now: str) -> None:
    ((at,),) = connection.execute("SELECT forgotten_at FROM sessions WHERE id = ?", (session_id,)).fetchall()
    _append(connection, session_id, Kind.FORGOTTEN, "system", None, at, None)
    _repaired(connection, session_id, now, "that its customer's data was removed was missing in the log")


def _move_head(connection: Connection, _: str, __: str) -> None:
    connection.execute("UPDATE feed_head SET seq = (SELECT coalesce(max(seq), 0) FROM events)")


def _forget_answer(connection: Connection, key: str, _: str) -> None:
    connection.execute("DELETE FROM idempotency WHERE key = ? AND NOT json_valid(body)", (key,))


def _repaired(connection: Connection, session_id: str, now: str, why: str) -> None:
    _append(connection, session_id, Kind.REPAIRED, "system", None, now, why)


def _append(
    connection: Connection, session_id: str, kind: str, actor: str, who: str | None, at: str, reason: str | None
) -> None:
    write_down(connection, [Entry(session_id, kind, actor, who, None, at, reason)])


_REPAIRS: dict[str, Callable[[Connection, str, str], None]] = {
    "end-untold": _tell_end,
    "start-untold": _tell_start,
    "offer-of-another": _withdraw,
    "removed-yet-there": _remove,
    "removed-untold": _tell_removal,
    "feed-head-elsewhere": _move_head,
    "answer-unreadable": _forget_answer,
}
