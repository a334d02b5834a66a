"""What is known of mechanics besides their tokens: whether they are there, and which colleagues one has."""

import json
from typing import Any

from mechtui.server.db.connection import Connection
from mechtui.server.db.sessions import Mechanic
from mechtui.server.db.tx import Tx


def set_availability(tx: Tx, me: Mechanic, availability: str) -> str:
    """Note whether he is there, until he says otherwise. What he holds, and may accept, stays as it is."""
    tx.run("UPDATE mechanics SET availability = ? WHERE id = ?", (availability, me.id))
    return availability


def availability_of(connection: Connection, mechanic_id: str) -> str | None:
    """Whether he is there, in a word; nothing when his token was revoked."""
    query = "SELECT availability FROM mechanics WHERE id = ? AND revoked_at IS NULL"
    rows = connection.execute(query, (mechanic_id,)).fetchall()
    return str(rows[0][0]) if rows else None


def availabilities(connection: Connection) -> dict[str, str]:
    """`availability_of` for every mechanic whose token was not revoked, by id."""
    return dict(connection.execute("SELECT id, availability FROM mechanics WHERE revoked_at IS NULL").fetchall())


def colleagues(connection: Connection, me: str) -> list[dict[str, Any]]:
    """The other mechanics who were not revoked, by name; `busy` are those who hold a session."""
    rows = connection.execute(
        "SELECT id, name, types, availability, EXISTS (SELECT 1 FROM sessions s WHERE s.mechanic_id = m.id "
        "AND s.status IN ('waiting', 'live')) FROM mechanics m WHERE id <> ? AND revoked_at IS NULL ORDER BY name, id",
        (me,),
    )
    return [
        {"id": i, "name": name, "types": json.loads(str(types)), "availability": availability, "busy": bool(busy)}
        for i, name, types, availability, busy in rows
    ]
