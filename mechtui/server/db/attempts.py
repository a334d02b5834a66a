"""Accepts that came too late: part of a session's trail, and of what became of the races for requests."""

from typing import Any

from mechtui.models import Code
from mechtui.server.db.connection import Connection
from mechtui.server.db.sessions import Mechanic
from mechtui.server.db.tx import Tx
from mechtui.server.refusal import Refusal


def note(tx: Tx, refusal: Refusal, me: Mechanic, session_id: str) -> None:
    """Keep that this mechanic was too late, in the transaction that tells him so; once for each time it was held."""
    if refusal.code == Code.ALREADY_TAKEN:
        tx.run(
            "INSERT INTO attempts (session_id, mechanic_id, winner_id, won_at, at) VALUES (?, ?, ?, ?, ?) "
            "ON CONFLICT DO NOTHING",
            (session_id, me.id, refusal.more["by"]["id"], refusal.more["at"], tx.now),
        )


def attempts_at(connection: Connection, session_id: str) -> list[dict[str, Any]]:
    """Who was too late for a session, the first first."""
    rows = connection.execute(
        "SELECT a.mechanic_id, m.name, a.at FROM attempts a JOIN mechanics m ON m.id = a.mechanic_id "
        "WHERE a.session_id = ? ORDER BY a.at, m.name",
        (session_id,),
    )
    return [{"mechanic": {"id": mechanic_id, "name": name}, "at": at} for mechanic_id, name, at in rows]
