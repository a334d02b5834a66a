"""A backend full of sessions of every kind, made at random, to search in."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from mechtui.config import DEFAULT_PLANS, Rules
from mechtui.models import HistoryRow, Session
from mechtui.search.tree import EVERYTHING, Node
from mechtui.server.clock import stamp
from mechtui.server.db import lists
from mechtui.server.db.connection import Connection
from mechtui.server.db.engine import engine_of
from mechtui.server.db.lists import Listing, Wanted
from mechtui.server.db.rows import Shop, vehicle_label
from mechtui.server.db.sessions import Mechanic
from mechtui.text import fold

NOW = datetime(2026, 11, 24, 18, 42, 7, tzinfo=UTC)
ME, RIVAL = "m-me", "m-rival"
DANA = Mechanic(ME, "Dana", ("chat", "video", "diagnostic"))
LISTS = {
    "incoming": lists.INCOMING,
    "active": lists.ACTIVE,
    "completed": lists.COMPLETED,
    "history": lists.HISTORY,
}
NAMES = ("J. Doe", "Åsa Lindqvist", "陳麗", "O'Neil-Straße", "İpek ﬁsch", "D. a")
MAKES = ("Toyota", "Ford", "VW", "BMW", "Škoda", None, "")
MODELS = ("Camry", "F-150", "Golf", "750i", None)
YEARS = ("2018", "2009", "1998", "18", "20I5", "２０１５", None, "")
PLATES = ("8ABC123", "8abc-123", "B MW 99", None, "", "Ünal 1")
VINS = ("4T1B11HKXJU123456", "wvwzzz1kz8w000001", None, "")
CONCERNS = (
    "P0420 and p0301, stalls", "Check engine light. (P0420)", "U0100-lost comms", "XP0420 is no code", "grinding*[?]",
    "Straße\nfahrt nicht", "ＣＡＭＲＹ wide", "12\" rims, 100% \"sure\"", "ΣΊΣΥΦΟΣ", "“quoted” P0300", "—dash—p0300—",
)  # fmt: skip


@dataclass(frozen=True)
class SearchedShop:
    """A database, what is in it for Dana, and what time it is."""

    connection: Connection

    def found(self, which: str, node: Node = EVERYTHING) -> list[Session]:
        """What the backend finds in a list."""
        listing: Listing = LISTS[which]
        wanted = Wanted(q=node, limit=1_000)
        page = lists.page(self.connection, listing, DANA, wanted, stamp(NOW), Shop(Rules(), "https://shop.example"))
        assert page["total"] == len(page["items"])
        kind = HistoryRow if which == "history" else Session
        return [kind.model_validate(item) for item in page["items"]]


ShopOf = Callable[[int], SearchedShop]


def made_shop(database: str, seed: int) -> SearchedShop:
    """The shop of a seed, in a new database."""
    engine = engine_of(database)
    engine.prepare(DEFAULT_PLANS)
    with engine.changing() as writer:
        for mechanic in (ME, RIVAL):
            _insert(writer, "mechanics", id=mechanic, name=mechanic, token_hash=mechanic.rjust(64, "0"), types="[]",
                    created_at=stamp(NOW))  # fmt: skip
        rng = random.Random(seed)
        for n in range(80):
            _session(writer, rng, n)
        _session(writer, rng, 80, "live")
    return SearchedShop(engine.open_reader())


def _session(writer: Connection, rng: random.Random, n: int, status: str = "") -> None:
    status = status or rng.choice(("pending", "pending", "completed", "completed", "cancelled", "expired"))
    plan = rng.choice(DEFAULT_PLANS)
    intake = _intake(rng)
    created = NOW - timedelta(
        milliseconds=rng.choice((0, 1, 299_999, 300_000, 300_001, rng.randrange(40 * 86_400_000)))
    )
    row = _times(rng, status, created)
    ids = {"customer_id": f"c{n}", "intake_id": f"i{n}"}
    _insert(writer, "customers", id=f"c{n}", name="x", created_at=stamp(created))
    _insert(writer, "intakes", id=f"i{n}", customer_id=f"c{n}", type=plan.type, urgent=0, created_at=stamp(created),
            email="grinding@example.com", phone="555-0142", **intake)  # fmt: skip
    _insert(writer, "sessions", id=f"s{n}", plan_code=plan.code, type=plan.type, status=status,
            urgent=rng.randrange(2), created_at=stamp(created), expires_at=stamp(NOW + timedelta(minutes=9)),
            minutes=plan.minutes, price_cents=plan.price_cents, mechanic_share_bp=7000,
            customer_token_hash=str(n).rjust(64, "0"), **ids, **row)  # fmt: skip
    _around(writer, rng, n, status, stamp(created), row.get("mechanic_id"))


def _intake(rng: random.Random) -> dict[str, Any]:
    car = {"year": rng.choice(YEARS), "make": rng.choice(MAKES), "model": rng.choice(MODELS)}
    name, concern = rng.choice(NAMES), rng.choice(CONCERNS)
    plate, vin = rng.choice(PLATES), rng.choice(VINS)
    parts = (name, vehicle_label(car["year"], car["make"], car["model"]), plate, vin, concern)
    folded = fold("\n".join(part for part in parts if part))
    return {"name": name, "concern": concern, "plate": plate, "vin": vin, "folded": folded} | car


def _times(rng: random.Random, status: str, created: datetime) -> dict[str, Any]:
    def later(at: datetime) -> datetime:
        return at + timedelta(milliseconds=rng.choice((0, 60_000, rng.randrange(900_000))))

    if status == "pending":
        return {}
    accepted = later(created)
    over = {"ended_by": "system", "end_reason": "over"}
    if status == "expired" or (status == "cancelled" and rng.randrange(2)):
        return over | {"ended_at": stamp(accepted)}
    started = later(accepted)
    held = {"mechanic_id": ME if status == "live" or rng.randrange(3) else RIVAL, "accepted_at": stamp(accepted)}
    if status == "cancelled":
        return held | over | {"ended_at": stamp(started)}
    joined = {name: stamp(started) for name in ("mechanic_joined_at", "customer_joined_at", "started_at")}
    return held | joined | (over | {"ended_at": stamp(later(started))} if status == "completed" else {})


def _around(writer: Connection, rng: random.Random, n: int, status: str, at: str, mechanic: str | None) -> None:
    """Events, files, a review and a summary."""
    hands = [mechanic] if mechanic else []
    hands += [ME] if rng.randrange(2) else []
    for k, hand in enumerate(hands):
        _insert(writer, "events", seq=n * 10 + k + 1, session_id=f"s{n}", kind="accepted", actor="mechanic",
                mechanic_id=hand, at=at)  # fmt: skip
    if mechanic == RIVAL and ME in hands and rng.randrange(2):
        _insert(writer, "events", seq=n * 10 + 9, session_id=f"s{n}", kind="handed_over", actor="mechanic",
                mechanic_id=RIVAL, other_id=ME, at=at)  # fmt: skip
    if not hands and rng.randrange(2):
        _insert(writer, "passes", session_id=f"s{n}", mechanic_id=ME)
    for k in range(rng.randrange(3)):
        _insert(writer, "intake_files", id=f"f{n}-{k}", intake_id=f"i{n}", position=k, name="a", content=b"")
        if rng.randrange(2):
            _insert(writer, "thumbs", file_id=f"f{n}-{k}", width=1, height=1, rgb=b"...")
    if status == "completed" and rng.randrange(2):
        _insert(writer, "session_reviews", session_id=f"s{n}", rating=rng.randint(1, 5), created_at=at)
    if status == "completed" and rng.randrange(2):
        _insert(writer, "session_summaries", session_id=f"s{n}", mechanic_id=mechanic, findings="x", steps_taken="x",
                next_steps="x", submitted_at=at)  # fmt: skip


def _insert(writer: Connection, table: str, **row: Any) -> None:
    names = ", ".join(row)
    writer.execute(f"INSERT INTO {table} ({names}) VALUES ({', '.join(f':{name}' for name in row)})", row)
