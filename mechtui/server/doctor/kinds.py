"""What can be wrong in a database of ours, though its schema refuses nearly all of it.

Somebody may have gone round the schema, a disk may have, or we may have made a mistake. Each kind is a query that finds
what is wrong, in SQL that both engines take; its first column is the session, or another row's id. Row and events must
tell one story: that is what the most of them hold against each other.
"""

from dataclasses import dataclass

_HAND = "('accepted', 'released', 'handed_over')"
_LAST_HAND = f"FROM events e WHERE e.session_id = s.id AND e.kind IN {_HAND} ORDER BY e.seq DESC LIMIT 1"
_NOT_BY_ITS_STATUS = """
SELECT s.id FROM sessions s WHERE NOT (CASE s.status
  WHEN 'pending' THEN s.mechanic_id IS NULL AND s.started_at IS NULL AND s.ended_at IS NULL
  WHEN 'waiting' THEN s.mechanic_id IS NOT NULL AND s.started_at IS NULL AND s.ended_at IS NULL
  WHEN 'live' THEN s.mechanic_id IS NOT NULL AND s.started_at IS NOT NULL AND s.ended_at IS NULL
  WHEN 'completed' THEN s.mechanic_id IS NOT NULL AND s.started_at IS NOT NULL AND s.ended_at IS NOT NULL
  WHEN 'cancelled' THEN s.ended_at IS NOT NULL
  WHEN 'expired' THEN s.mechanic_id IS NULL AND s.ended_at IS NOT NULL
  ELSE FALSE END) OR (s.mechanic_id IS NULL) <> (s.accepted_at IS NULL)
"""


_YET_THERE = """
SELECT s.id FROM sessions s JOIN intakes i ON i.id = s.intake_id
WHERE (s.forgotten_at IS NOT NULL OR EXISTS (
    SELECT 1 FROM events e WHERE e.session_id = s.id AND e.kind = 'forgotten'))
  AND (s.forgotten_at IS NULL OR i.name <> '(removed)' OR i.concern <> '(removed)' OR i.history <> '[]'
    OR coalesce(i.email, i.phone, i.city, i.vin, i.plate, i.odometer) IS NOT NULL
    OR EXISTS (SELECT 1 FROM intake_files f WHERE f.intake_id = i.id)
    OR EXISTS (SELECT 1 FROM session_reviews r WHERE r.session_id = s.id AND r.comment IS NOT NULL)
    OR EXISTS (SELECT 1 FROM session_summaries y WHERE y.session_id = s.id AND y.findings <> '(removed)')
    OR EXISTS (SELECT 1 FROM events e WHERE e.session_id = s.id AND e.reason <> '(removed)'
      AND e.kind NOT IN ('forgotten', 'repaired')))
"""


@dataclass(frozen=True)
class OwnKind:
    """One kind of damage.

    `lost`: a session with it may be nowhere where somebody looks for it. `repair` says what is done, or what people
    have to do; `safe`: doctor does it when asked.
    """

    name: str
    words: str
    sql: str
    repair: str = "look at it with: mechtui show ID; who is right only people know"
    lost: bool = False
    safe: bool = False


def _orphans(table: str, column: str, target: str, shown: str = "", key: str = "id") -> str:
    """Rows whose reference leads nowhere."""
    return (
        f"SELECT CAST(t.{shown or column} AS TEXT) FROM {table} t LEFT JOIN {target} o ON o.{key} = t.{column} "
        f"WHERE t.{column} IS NOT NULL AND o.{key} IS NULL"
    )


_BESIDE = (
    ("events", "session_id", "sessions"),
    ("passes", "session_id", "sessions"),
    ("passes", "mechanic_id", "mechanics"),
    ("attempts", "session_id", "sessions"),
    ("attempts", "mechanic_id", "mechanics"),
    ("attempts", "winner_id", "mechanics"),
    ("handovers", "session_id", "sessions"),
    ("handovers", "to_id", "mechanics"),
    ("session_summaries", "session_id", "sessions"),
    ("session_reviews", "session_id", "sessions"),
    ("intake_files", "intake_id", "intakes"),
    ("thumbs", "file_id", "intake_files"),
    ("intakes", "customer_id", "customers"),
)

OWN_KINDS = (
    OwnKind(
        "accepted-by-nobody",
        "the log says that a mechanic accepted it, the session has none",
        f"SELECT s.id FROM sessions s WHERE s.mechanic_id IS NULL AND 'released' <> (SELECT e.kind {_LAST_HAND})",
        lost=True,
    ),
    OwnKind(
        "held-by-another",
        "a mechanic has it whom the log does not name last",
        f"SELECT s.id FROM sessions s WHERE s.mechanic_id IS NOT NULL AND s.mechanic_id IS DISTINCT FROM "
        f"(SELECT CASE WHEN e.kind = 'released' THEN NULL ELSE e.mechanic_id END {_LAST_HAND})",
        lost=True,
    ),
    OwnKind("not-by-its-status", "its columns are not those of its status", _NOT_BY_ITS_STATUS, lost=True),
    OwnKind(
        "refers-to-nothing",
        "its intake, customer, plan or mechanic is not there",
        " UNION ".join(
            (
                _orphans("sessions", "intake_id", "intakes", "id"),
                _orphans("sessions", "customer_id", "customers", "id"),
                _orphans("sessions", "plan_code", "plans", "id", "code"),
                _orphans("sessions", "mechanic_id", "mechanics", "id"),
            )
        ),
        "put a backup in its place: mechtui db restore",
        lost=True,
    ),
    OwnKind(
        "several-in-hand",
        "a mechanic has several sessions in hand, or a customer several open ones",
        "SELECT s.id FROM sessions s WHERE (s.status IN ('waiting', 'live') AND (SELECT count(*) FROM sessions o WHERE "
        "o.mechanic_id = s.mechanic_id AND o.status IN ('waiting', 'live')) > 1) OR (s.status IN ('pending', "
        "'waiting', 'live') AND (SELECT count(*) FROM sessions o WHERE o.customer_id = s.customer_id "
        "AND o.status IN ('pending', 'waiting', 'live')) > 1)",
        "end the ones that are over",
    ),
    OwnKind(
        "never-created",
        "the log does not say, once, that it was made",
        "SELECT s.id FROM sessions s WHERE 1 <> (SELECT count(*) FROM events e WHERE e.session_id = s.id "
        "AND e.kind = 'created')",
    ),
    OwnKind(
        "end-untold",
        "it has ended, and the log does not say so",
        "SELECT s.id FROM sessions s WHERE s.ended_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM events e "
        "WHERE e.session_id = s.id AND e.kind IN ('completed', 'cancelled', 'expired'))",
        "the event is added, as the session tells it",
        safe=True,
    ),
    OwnKind(
        "end-otherwise",
        "the log tells of another end, or of an end of what is open",
        "SELECT DISTINCT s.id FROM sessions s JOIN events e ON e.session_id = s.id "
        "WHERE e.kind IN ('completed', 'cancelled', 'expired') AND e.kind <> s.status",
    ),
    OwnKind(
        "start-untold",
        "it was live, and the log does not say so",
        "SELECT s.id FROM sessions s WHERE s.started_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM events e "
        "WHERE e.session_id = s.id AND e.kind = 'started')",
        "the event is added, as the session tells it",
        safe=True,
    ),
    OwnKind(
        "times-disordered",
        "its times are out of order",
        "SELECT id FROM sessions WHERE expires_at <= created_at OR accepted_at < created_at "
        "OR started_at < accepted_at OR ended_at < coalesce(started_at, accepted_at, created_at)",
    ),
    OwnKind(
        "offer-of-another",
        "offered by a mechanic who does not have it",
        "SELECT h.session_id FROM handovers h JOIN sessions s ON s.id = h.session_id "
        "WHERE s.mechanic_id IS DISTINCT FROM h.from_id OR s.status NOT IN ('waiting', 'live')",
        "the offer is taken away",
        safe=True,
    ),
    OwnKind(
        "said-too-early",
        "summary or review of a session that was not completed",
        "SELECT s.id FROM sessions s WHERE s.status <> 'completed' AND (EXISTS (SELECT 1 FROM session_summaries y "
        "WHERE y.session_id = s.id) OR EXISTS (SELECT 1 FROM session_reviews r WHERE r.session_id = s.id))",
    ),
    OwnKind(
        "removed-yet-there",
        "its customer's data was removed, and some of it is there",
        _YET_THERE,
        "the data is removed",
        safe=True,
    ),
    OwnKind(
        "removed-untold",
        "its customer's data was removed, and the log does not say so",
        "SELECT s.id FROM sessions s WHERE s.forgotten_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM events e "
        "WHERE e.session_id = s.id AND e.kind = 'forgotten')",
        "the event is added, as the session tells it",
        safe=True,
    ),
    OwnKind(
        "row-of-nothing",
        "a row beside the sessions that refers to what is not there",
        " UNION ".join(_orphans(*way) for way in _BESIDE),
        "put a backup in its place: mechtui db restore",
    ),
    OwnKind(
        "feed-with-holes",
        "places in the feed are missing",
        "SELECT CAST(max(seq) AS TEXT) FROM events HAVING coalesce(max(seq), 0) <> count(*)",
        "put a backup in its place: mechtui db restore",
    ),
    OwnKind(
        "feed-head-elsewhere",
        "the head of the feed is not its last event",
        "SELECT CAST(seq AS TEXT) FROM feed_head WHERE seq <> (SELECT coalesce(max(seq), 0) FROM events)",
        "the head is put at the last event, and terminals begin anew",
        safe=True,
    ),
    OwnKind(
        "answer-unreadable",
        "an answer kept for a repeated write is no JSON",
        "SELECT key FROM idempotency WHERE NOT json_valid(body)",
        "it is forgotten: who asks again is answered by what is there",
        safe=True,
    ),
)
