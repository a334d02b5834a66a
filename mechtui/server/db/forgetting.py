"""Forgetting customers: their personal data is removed from ended sessions, by age or because they asked.

The session stays with all that books and statistics are made of, so that no count and no sum changes. Which fields stay
and which go: `docs/data.md`. Each session is told by an event, in the transaction that removes its data.
"""

import json
import secrets
from collections.abc import Callable, Sequence

from mechtui.models import Code, Kind
from mechtui.server.db.connection import Connection, Params
from mechtui.server.db.rows import SessionRow, vehicle_label
from mechtui.server.db.tx import Tx
from mechtui.server.refusal import Refusal
from mechtui.server.wire import to_json
from mechtui.text import fold

REMOVED = "(removed)"
"""Stands where somebody's words or name were."""
AT_ONCE = 10
"""So many sessions are emptied in one transaction: their files may be large."""
OUR_WORDS = ("nobody accepted in time", "ended by the mechanic", "ended by the customer", "cancelled by the customer")
"""Reasons that nobody wrote."""

_INTAKE = "(SELECT intake_id FROM sessions WHERE id = :id)"
_EMPTY = (
    "UPDATE sessions SET forgotten_at = coalesce(forgotten_at, :now), customer_token_hash = :nobody, "
    f"version = version + 1, end_reason = CASE WHEN end_reason IN {OUR_WORDS} THEN end_reason ELSE :removed END "
    "WHERE id = :id",
    "UPDATE intakes SET name = :removed, email = NULL, phone = NULL, city = NULL, vin = NULL, plate = NULL, "
    f"odometer = NULL, concern = :removed, history = '[]', folded = :folded WHERE id = {_INTAKE}",
    f"DELETE FROM thumbs WHERE file_id IN (SELECT id FROM intake_files WHERE intake_id = {_INTAKE})",
    f"DELETE FROM intake_files WHERE intake_id = {_INTAKE}",
    "UPDATE session_summaries SET findings = :removed, steps_taken = :removed, next_steps = :removed, "
    "parts_needed = CASE WHEN parts_needed IS NULL THEN NULL ELSE :removed END WHERE session_id = :id",
    "UPDATE session_reviews SET comment = NULL WHERE session_id = :id",
    "UPDATE events SET reason = :removed WHERE session_id = :id AND reason IS NOT NULL "
    "AND kind NOT IN ('forgotten', 'repaired')",
)
_BEFORE_ID = '"session":{"id":"'
"""Stands before the id in every answer that tells of a session; short answers are looked at no further than this."""
_ANSWERS = (
    "UPDATE idempotency SET status = 410, body = :gone "
    f"WHERE substr(body, instr(body, '{_BEFORE_ID}') + {len(_BEFORE_ID)}, 36) IN (SELECT value FROM json_each(:ids))"
)
_CUSTOMERS = (
    "UPDATE customers SET name = :removed, email_key = NULL, phone_key = NULL "
    "WHERE id IN (SELECT customer_id FROM sessions WHERE id IN (SELECT value FROM json_each(:ids))) "
    "AND NOT EXISTS (SELECT 1 FROM sessions s WHERE s.customer_id = customers.id AND s.forgotten_at IS NULL)"
)
_OLD = "SELECT id FROM sessions WHERE ended_at < ? AND ended_at IS NOT NULL AND forgotten_at IS NULL ORDER BY ended_at"
_ASKED = (
    "SELECT s.id, r.asked_by FROM removals r JOIN sessions s ON s.customer_id = r.customer_id "
    "WHERE r.done_at IS NULL AND s.ended_at IS NOT NULL AND s.forgotten_at IS NULL LIMIT ?"
)
_DONE = (
    "done_at IS NULL AND NOT EXISTS (SELECT 1 FROM sessions s "
    "WHERE s.customer_id = removals.customer_id AND s.forgotten_at IS NULL)"
)
_FORGOTTEN = (
    "UPDATE customers SET name = ?, email_key = NULL, phone_key = NULL WHERE id IN "
    f"(SELECT customer_id FROM removals WHERE {_DONE})"
)

Run = Callable[[str, Params], object]


def anything_due(connection: Connection, before: str) -> bool:
    """Whether a session's data is to be removed: it ended before this stamp ("" for none), or its customer asked."""
    looks = ((f"{_OLD} LIMIT 1", (before,)), (_ASKED, (1,)), (f"SELECT 1 FROM removals WHERE {_DONE} LIMIT 1", ()))
    return any(connection.execute(sql, params).fetchall() for sql, params in looks)


def forget_old(tx: Tx, before: str, why: str) -> int:
    """Forget customers in some of the sessions that ended before this stamp; how many those were."""
    found = [session_id for (session_id,) in tx.all(f"{_OLD} LIMIT ?", (before, AT_ONCE))]
    _forget(tx, found, lambda _: why)
    return len(found)


def forget_asked(tx: Tx) -> int:
    """Forget some of what is left of the customers who asked for it; how many sessions that were."""
    found = dict(tx.all(_ASKED, (AT_ONCE,)))
    _forget(tx, list(found), lambda session_id: f"on request, by {found[session_id]}")
    tx.run(_FORGOTTEN, (REMOVED,))
    tx.run(f"UPDATE removals SET done_at = ? WHERE {_DONE}", (tx.now,))
    return len(found)


def empty(run: Run, session_id: str, row: SessionRow, now: str) -> None:
    """Remove what is personal from a session and all that hangs on it."""
    label = vehicle_label(row.year, row.make, row.model)
    folded = fold("\n".join(part for part in (REMOVED, label, REMOVED) if part))
    nobody = secrets.token_hex(32)
    for statement in _EMPTY:
        run(statement, {"id": session_id, "now": now, "removed": REMOVED, "nobody": nobody, "folded": folded})


def empty_beside(run: Run, session_ids: Sequence[str]) -> None:
    """Remove it from stored answers that tell of these sessions, and from customers of whom nothing else is left."""
    ids = json.dumps(session_ids)
    run(_ANSWERS, {"ids": ids, "gone": to_json(data_removed(410).body)})
    run(_CUSTOMERS, {"ids": ids, "removed": REMOVED})


def data_removed(status: int = 409) -> Refusal:
    """Nothing more is said to, or of, a customer who was forgotten."""
    return Refusal(status, Code.DATA_REMOVED, "The customer's data was removed from this session; it takes no more.")


def _forget(tx: Tx, session_ids: Sequence[str], why: Callable[[str], str]) -> None:
    for session_id in session_ids:
        row = tx.session(session_id)
        assert row is not None, "it was read in this transaction"
        empty(tx.run, session_id, row, tx.now)
        emptied = tx.session(session_id)
        assert emptied is not None, "a session is never deleted"
        tx.emit(Kind.FORGOTTEN, emptied, actor="system", reason=why(session_id))
    if session_ids:
        empty_beside(tx.run, session_ids)
