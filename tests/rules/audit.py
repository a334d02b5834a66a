"""What must hold in the database whatever happened: each query finds what is wrong, so each must find nothing."""

from typing import Any

from mechtui.server.db.connection import Connection
from mechtui.server.db.sqlite.connection import SqliteConnection

QUERIES = {
    "a held session nobody accepted": """
        SELECT s.id FROM sessions s WHERE s.mechanic_id IS NOT NULL AND s.mechanic_id IS DISTINCT FROM (
          SELECT e.mechanic_id FROM events e WHERE e.session_id = s.id
          AND e.kind IN ('accepted', 'released', 'handed_over') ORDER BY e.seq DESC LIMIT 1)""",
    "an open session whose last word is an accept": """
        SELECT s.id FROM sessions s WHERE s.status IN ('pending', 'expired') AND 'released' <> (
          SELECT e.kind FROM events e WHERE e.session_id = s.id AND e.kind IN ('accepted', 'released', 'handed_over')
          ORDER BY e.seq DESC LIMIT 1)""",
    "an offer of a session its maker does not hold": """
        SELECT h.session_id FROM handovers h JOIN sessions s ON s.id = h.session_id
        WHERE s.mechanic_id IS DISTINCT FROM h.from_id OR s.status NOT IN ('waiting', 'live')""",
    "an offer that is not the last word about it": """
        SELECT h.session_id FROM handovers h WHERE h.to_id IS DISTINCT FROM (SELECT e.other_id FROM events e
          WHERE e.session_id = h.session_id AND e.other_id IS NOT NULL ORDER BY e.seq DESC LIMIT 1)""",
    "a session handed over without an offer, or not by its holder": """
        SELECT session_id FROM (SELECT session_id, kind, mechanic_id, other_id,
          lag(kind) OVER history AS before, lag(mechanic_id) OVER history AS giver, lag(other_id) OVER history AS taker
          FROM events WHERE other_id IS NOT NULL
          WINDOW history AS (PARTITION BY session_id ORDER BY seq)) e
        WHERE kind = 'handed_over'
        AND (before IS DISTINCT FROM 'offered' OR giver <> other_id OR taker <> mechanic_id)""",
    "an accept that did not follow a release": """
        SELECT session_id FROM (SELECT session_id, kind, lag(kind) OVER (PARTITION BY session_id ORDER BY seq) AS before
          FROM events WHERE kind IN ('accepted', 'released')) e WHERE kind = before""",
    "a session that was never created": """
        SELECT s.id FROM sessions s WHERE 1 <> (
          SELECT count(*) FROM events e WHERE e.session_id = s.id AND e.kind = 'created')""",
    "an end without its event, or with two": """
        SELECT s.id FROM sessions s WHERE CASE WHEN s.ended_at IS NULL THEN 0 ELSE 1 END <> (
          SELECT count(*) FROM events e WHERE e.session_id = s.id
          AND e.kind IN ('completed', 'cancelled', 'expired'))""",
    "an end that tells another story than its event": """
        SELECT s.id FROM sessions s JOIN events e ON e.session_id = s.id
        WHERE e.kind IN ('completed', 'cancelled', 'expired') AND e.kind <> s.status""",
    "a start without its event": """
        SELECT s.id FROM sessions s WHERE CASE WHEN s.started_at IS NULL THEN 0 ELSE 1 END <> (
          SELECT count(*) FROM events e WHERE e.session_id = s.id AND e.kind = 'started')""",
    "a hole in the feed": """
        SELECT max(seq), count(*) FROM events HAVING coalesce(max(seq), 0) <> count(*)""",
    "a head that is not the last event": """
        SELECT seq FROM feed_head WHERE seq <> (SELECT coalesce(max(seq), 0) FROM events)""",
    "time that runs backwards": """
        SELECT seq FROM (SELECT seq, at, lag(at) OVER (ORDER BY seq) AS before FROM events) e WHERE at < before""",
}
OF_THE_FILE = {
    "a reference to nothing": "SELECT * FROM pragma_foreign_key_check",
    "a torn page": "SELECT * FROM pragma_quick_check WHERE quick_check <> 'ok'",
}
"""A PostgreSQL server keeps its references and pages by itself."""


def findings(connection: Connection) -> dict[str, list[Any]]:
    """What is wrong, by name; empty when nothing is."""
    queries = QUERIES | (OF_THE_FILE if isinstance(connection, SqliteConnection) else {})
    found = {name: connection.execute(sql).fetchall() for name, sql in queries.items()}
    return {name: rows for name, rows in found.items() if rows}
