"""Reading what a mechanic has done: how many sessions of each type and make, and how they were rated."""

from typing import Any

from mechtui.server.db.connection import Connection
from mechtui.server.db.lists import one_moment

_DONE = """
SELECT {kind}, count(*), CAST(avg(r.rating) AS DOUBLE PRECISION) FROM sessions s
JOIN intakes i ON i.id = s.intake_id
LEFT JOIN session_reviews r ON r.session_id = s.id
WHERE s.mechanic_id = ? AND s.status = 'completed' AND {kind} <> '' GROUP BY 1
"""


def profile(connection: Connection, mechanic_id: str) -> dict[str, Any]:
    """By type and by make in lower case: `jobs` completed, and the average `rating` of those that were rated."""
    with one_moment(connection):
        return {
            "types": _done(connection, "s.type", mechanic_id),
            "makes": _done(connection, "fold(coalesce(i.make, ''))", mechanic_id),
        }


def _done(connection: Connection, kind: str, mechanic_id: str) -> dict[str, Any]:
    rows = connection.execute(_DONE.format(kind=kind), (mechanic_id,))
    return {name: {"jobs": jobs, "rating": rating} for name, jobs, rating in rows}
