"""Sessions made at random, as many as are wanted, to count: by statements of their own, checked by the database."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

from mechtui.config import DEFAULT_PLANS
from mechtui.server.clock import stamp
from mechtui.server.db.connection import Connection
from mechtui.server.db.engine import engine_of

BEGIN = datetime(2026, 10, 20, tzinfo=UTC)
END = BEGIN + timedelta(days=30)
ME, RIVAL = "me", "rival"


def make_sessions(database: str, count: int, seed: int) -> None:
    """A database with `count` sessions of two mechanics in and around thirty days, some on the very edges."""
    rng = random.Random(seed)
    with engine_of(database).changing() as writer:
        for who in (ME, RIVAL):
            insert(writer, "mechanics", [{"id": who, "name": who, "token_hash": who.rjust(64), "types": "[]",
                                          "created_at": stamp(BEGIN)}])  # fmt: skip
        rows = [_session(rng, n) for n in range(count)]
        insert(writer, "customers", [{"id": f"c{n}", "name": "x", "created_at": stamp(BEGIN)} for n in range(count)])
        insert(writer, "intakes", [
            {"id": f"i{n}", "customer_id": f"c{n}", "type": row["type"], "urgent": 0, "name": "x", "concern": "y",
             "folded": "", "created_at": stamp(BEGIN)} for n, row in enumerate(rows)
        ])  # fmt: skip
        insert(writer, "sessions", rows)
        rated = [row["id"] for row in rows if row["status"] == "completed" and rng.random() < 0.7]
        insert(writer, "session_reviews", [
            {"session_id": one, "rating": rng.randint(1, 5), "created_at": stamp(END)} for one in rated
        ])  # fmt: skip
        insert(writer, "attempts", [_attempt(rng, row) for row in rows if rng.random() < 0.3])
        insert(writer, "events", [
            {"seq": n, "session_id": row["id"], "kind": "released", "actor": "mechanic",
             "mechanic_id": rng.choice((ME, RIVAL)), "at": stamp(END)}
            for n, row in enumerate(rng.sample(rows, count // 5), 1)
        ])  # fmt: skip


def insert(writer: Connection, table: str, rows: list[dict[str, Any]]) -> None:
    if rows:
        names = list(rows[0])
        marks = ", ".join("?" * len(names))
        sql = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})"
        writer.executemany(sql, [tuple(row[name] for name in names) for row in rows])


def _session(rng: random.Random, n: int) -> dict[str, Any]:
    edges = (0, -1, 30 * 86_400_000, 30 * 86_400_000 - 1)
    created = BEGIN + timedelta(milliseconds=rng.choice((rng.randrange(-(10**9), 36 * 10**8), *edges)))
    plan = rng.choice(DEFAULT_PLANS)
    accepted = created + timedelta(milliseconds=rng.randrange(900_000))
    started = accepted + timedelta(milliseconds=rng.randrange(600_000))
    ended = started + timedelta(milliseconds=rng.randrange(60_000, 4_000_000))
    status = rng.choice(("completed", "completed", "completed", "cancelled"))
    return {
        "id": f"s{n}", "customer_id": f"c{n}", "intake_id": f"i{n}", "plan_code": plan.code, "type": plan.type,
        "status": status, "urgent": 0, "mechanic_id": rng.choice((ME, ME, RIVAL)), "created_at": stamp(created),
        "expires_at": stamp(created + timedelta(minutes=15)), "accepted_at": stamp(accepted),
        "mechanic_joined_at": stamp(started), "customer_joined_at": stamp(started), "started_at": stamp(started),
        "ended_at": stamp(ended), "ended_by": "mechanic", "end_reason": "done", "minutes": plan.minutes,
        "price_cents": rng.choice((0, 1, 333, plan.price_cents)),
        "mechanic_share_bp": rng.choice((0, 6667, 7000, 10_000)),
        "customer_token_hash": str(n).rjust(64, "0"), "version": 5,
    }  # fmt: skip


def _attempt(rng: random.Random, row: dict[str, Any]) -> dict[str, Any]:
    loser, winner = rng.sample((ME, RIVAL), 2)
    return {"session_id": row["id"], "mechanic_id": loser, "winner_id": winner, "won_at": row["accepted_at"],
            "at": row["started_at"]}  # fmt: skip
