"""Databases as earlier versions made them, on either engine, with rows in them of each status and of each table."""

from contextlib import closing
from importlib.resources import files as resources
from typing import Any

import apsw

from mechtui.config import is_postgres, sqlite_path
from mechtui.server.db.connection import transaction
from mechtui.server.db.postgres import schema
from mechtui.server.db.postgres.connection import PostgresConnection
from mechtui.server.db.sqlite import files

AT = [f"2026-01-0{n}T00:00:00.000Z" for n in range(1, 10)]
_NOBODY: dict[str, Any] = dict.fromkeys(
    ("mechanic_id", "accepted_at", "mechanic_joined_at", "customer_joined_at", "started_at", "ended_at", "ended_by",
     "end_reason")
)  # fmt: skip
_HELD = {"mechanic_id": "ann", "accepted_at": AT[1]}
_RAN = {"mechanic_joined_at": AT[2], "customer_joined_at": AT[3], "started_at": AT[3]}
_ENDED = {"ended_at": AT[4], "ended_by": "mechanic", "end_reason": "done"}
STATUSES: dict[str, dict[str, Any]] = {
    "pending": {},
    "waiting": _HELD,
    "live": _HELD | _RAN | {"mechanic_id": "bob"},
    "completed": _HELD | _RAN | _ENDED,
    "cancelled": _HELD | _ENDED | {"ended_by": "customer"},
    "expired": _ENDED | {"ended_by": "system"},
}
_EVENTS: dict[str, list[tuple[str, str, str | None]]] = {
    "pending": [],
    "waiting": [("accepted", "mechanic", "ann")],
    "live": [("accepted", "mechanic", "bob"), ("joined", "mechanic", "bob"), ("joined", "customer", None),
             ("started", "system", None)],
    "completed": [("accepted", "mechanic", "ann"), ("started", "system", None), ("completed", "mechanic", "ann"),
                  ("rated", "customer", None), ("summary_submitted", "mechanic", "ann")],
    "cancelled": [("accepted", "mechanic", "ann"), ("cancelled", "customer", None)],
    "expired": [("expired", "system", None)],
}  # fmt: skip


def rows() -> dict[str, list[dict[str, Any]]]:
    """The rows of a shop that the first version could have: every status, every table."""
    told: dict[str, list[dict[str, Any]]] = {
        "plans": [{"code": "old", "type": "chat", "name": "Old", "minutes": 30, "price_cents": 999,
                   "mechanic_share_bp": 7000}],
        "mechanics": [{"id": name, "name": name.title(), "token_hash": f"{n}" * 64, "types": '["chat"]',
                       "created_at": AT[0]} for n, name in enumerate(("ann", "bob"))],
        "desks": [{"id": "web", "name": "web", "token_hash": "d" * 64, "created_at": AT[0]}],
        "customers": [], "intakes": [], "intake_files": [], "sessions": [], "events": [],
        "idempotency": [{"principal": "desk:web", "key": "k", "fingerprint": "f", "status": 201, "body": "{}",
                         "at": AT[0]}],
        "session_summaries": [{"session_id": "completed", "mechanic_id": "ann", "findings": "a", "steps_taken": "b",
                               "parts_needed": None, "next_steps": "c", "submitted_at": AT[5]}],
        "session_reviews": [{"session_id": "completed", "rating": 4, "comment": "fine", "created_at": AT[5]}],
    }  # fmt: skip
    for number, (status, columns) in enumerate(STATUSES.items()):
        told["customers"].append({"id": f"c-{status}", "name": "Cora", "email_key": f"{status}@x", "created_at": AT[0]})
        told["intakes"].append(
            {"id": f"i-{status}", "customer_id": f"c-{status}", "type": "chat", "urgent": number % 2, "name": "Cora",
             "vin": "1hg-CM 82", "plate": "AB 12", "concern": "knocks \u0001 é", "history": '["oil"]',
             "folded": "cora knocks", "created_at": AT[0]}
        )  # fmt: skip
        told["intake_files"].append(
            {"id": f"f-{status}", "intake_id": f"i-{status}", "position": 0, "name": "a.jpg", "content": b"\0\xff\x01"}
        )
        told["sessions"].append(
            _NOBODY
            | {"id": status, "customer_id": f"c-{status}", "intake_id": f"i-{status}", "plan_code": "old",
               "type": "chat", "status": status, "urgent": number % 2, "created_at": AT[0], "expires_at": AT[8],
               "minutes": 30, "price_cents": 999, "mechanic_share_bp": 7000, "customer_token_hash": f"{number}" * 64,
               "version": 3}
            | columns
        )  # fmt: skip
        for kind, actor, who in [("created", "customer", None), *_EVENTS[status]]:
            told["events"].append(
                {"seq": len(told["events"]) + 1, "session_id": status, "kind": kind, "actor": actor,
                 "mechanic_id": who, "at": AT[6], "reason": None}
            )  # fmt: skip
    told["feed_head"] = [{"one": 1, "epoch": "old", "seq": len(told["events"])}]
    return told


LATER: dict[str, list[dict[str, Any]]] = {
    "passes": [{"session_id": "pending", "mechanic_id": "bob"}],
    "thumbs": [{"file_id": "f-pending", "width": 1, "height": 1, "rgb": b"\x01\x02\x03"}],
    "attempts": [{"session_id": "waiting", "mechanic_id": "bob", "winner_id": "ann", "won_at": AT[1], "at": AT[2]}],
    "handovers": [{"session_id": "waiting", "from_id": "ann", "to_id": "bob", "note": "lift 2", "offered_at": AT[3]}],
    "removals": [{"customer_id": "c-completed", "asked_at": AT[4], "asked_by": "sam"}],
    "mechanic_keys": [
        {"fingerprint": "SHA256:ann", "mechanic_id": "ann", "public_key": "ssh-ed25519 A", "added_at": AT[4]}
    ],
    "logins": [{"token_hash": "e" * 64, "fingerprint": "SHA256:ann", "expires_at": AT[5]}],
}
"""Rows of the tables that came later."""


def at_version(database: str, version: int) -> None:
    """Make an empty database what this version of its engine's schema had, and fill it."""
    if is_postgres(database):
        with closing(PostgresConnection(database, seconds=60)) as line, transaction(line):
            schema._apply(line, schema.STEPS[:1])
            line.command("INSERT INTO mechtui (one, version, home) VALUES (1, 1, 'here')")
            schema._apply(line, schema.STEPS[1:version])
            fill(line)
        return
    with closing(apsw.Connection(str(sqlite_path(database)))) as file:
        for step in files.STEPS[:version]:
            file.execute(resources("mechtui.server.db").joinpath("schema", step).read_text())
        file.pragma("application_id", files.APPLICATION_ID)
        file.pragma("user_version", version)
        fill(file)


def filled(database: str) -> None:
    """Fill a database of this version, made already."""
    line: Any = (
        PostgresConnection(database, 60) if is_postgres(database) else apsw.Connection(str(sqlite_path(database)))
    )
    with closing(line):
        line.execute("DELETE FROM plans")
        line.execute("DELETE FROM feed_head")
        fill(line)


def fill(connection: Any) -> None:
    """Put in all rows for which there are tables."""
    for table, several in (rows() | LATER).items():
        if not there(connection, table):
            continue
        for row in several:
            marks = ", ".join("?" * len(row))
            connection.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", list(row.values()))


def there(connection: Any, table: str) -> bool:
    """Whether this version has such a table."""
    known = "sqlite_schema WHERE type = 'table' AND name = ?"
    if isinstance(connection, PostgresConnection):
        known = "pg_tables WHERE schemaname = 'public' AND tablename = ?"
    return bool(connection.execute(f"SELECT 1 FROM {known}", (table,)).fetchall())
