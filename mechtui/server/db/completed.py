"""What is added to a session that was completed: the customer's verdict and the mechanic's summary, each once."""

from mechtui.models import Code, Kind, Status
from mechtui.server.db.forgetting import data_removed
from mechtui.server.db.rows import SessionRow
from mechtui.server.db.sessions import Mechanic, any_session, held
from mechtui.server.db.tx import Tx
from mechtui.server.refusal import Refusal


def rate(tx: Tx, session_id: str, rating: int, comment: str | None) -> SessionRow:
    """Keep the customer's verdict on a completed session; once."""
    row = _open_to_more(any_session(tx, session_id), "Only a completed session can be rated.")
    if row.rating is not None:
        raise Refusal(409, Code.ALREADY_RATED, "This session was rated before.")
    tx.run(
        "INSERT INTO session_reviews (session_id, rating, comment, created_at) VALUES (?, ?, ?, ?)",
        (session_id, rating, comment, tx.now),
    )
    return tx.emit(Kind.RATED, _raised(tx, row), actor="customer")


def add_summary(
    tx: Tx, me: Mechanic, session_id: str, *, findings: str, steps_taken: str, parts_needed: str | None, next_steps: str
) -> SessionRow:
    """Keep what the mechanic wrote down after his completed session; once: the customer's report is made of it."""
    row = _open_to_more(held(tx, me, session_id), "Only a completed session can have a summary.")
    kept = tx.one(
        "INSERT INTO session_summaries (session_id, mechanic_id, findings, steps_taken, parts_needed, next_steps, "
        "submitted_at) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (session_id) DO NOTHING RETURNING session_id",
        (session_id, me.id, findings, steps_taken, parts_needed, next_steps, tx.now),
    )
    if kept is None:
        raise Refusal(409, Code.ALREADY_SUMMARIZED, "This session has its summary already; it is kept as it was sent.")
    return tx.emit(Kind.SUMMARY_SUBMITTED, _raised(tx, row), actor="mechanic", mechanic_id=me.id)


def _open_to_more(row: SessionRow, otherwise: str) -> SessionRow:
    if row.status != Status.COMPLETED:
        raise Refusal(409, Code.NOT_COMPLETED, otherwise)
    if row.forgotten_at is not None:
        raise data_removed()
    return row


def _raised(tx: Tx, row: SessionRow) -> SessionRow:
    """The row under its next version, with what was just added beside it."""
    raised = tx.change("UPDATE sessions SET version = version + 1 WHERE id = ?", (row.id,))
    assert raised is not None, "the row was read in this transaction"
    return raised
