"""The old shop as a dictionary of tables, healthy at first, and a way to plant each kind of damage in it.

Everything is made here; nothing of a real shop or person.
"""

import csv
import json
import uuid
from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

NOW = datetime(2025, 11, 5, 12, 0, tzinfo=UTC)
Tables = dict[str, list[dict[str, Any]]]
Plant = Callable[["OldShop"], None]


def uid(*names: object) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, "/".join(map(str, names))))


def at(minutes: float) -> str:
    """So many minutes before now, as PostgreSQL writes it."""
    return str(NOW - timedelta(minutes=minutes))


class OldShop:
    """The old tables. Every customer has one session, unless more are made."""

    def __init__(self, completed: int = 3) -> None:
        self.tables: Tables = {name: [] for name in (
            "sessions", "session_requests", "session_assignments", "intakes", "profiles", "mechanics", "vehicles",
            "service_plans", "session_events", "session_summaries", "session_reviews", "session_extensions",
            "session_files", "mechanic_earnings", "session_devices")}  # fmt: skip
        for slug, minutes, price in (("chat10", 30, 9.99), ("video15", 45, 29.99), ("diagnostic", 60, 49.99)):
            self.add("service_plans", id=uid("plan", slug), slug=slug, name=slug, price=price, duration_minutes=minutes)
        self.ann, self.bob = self.mechanic("Ann"), self.mechanic("Bob")
        for number in range(completed):
            self.done(number)
        self.pending("waiting customer")
        self.add("session_devices", id=uid("device"), session_id=uid("x"))

    def add(self, table: str, **cells: Any) -> dict[str, Any]:
        self.tables[table].append(cells)
        return cells

    def mechanic(self, name: str) -> str:
        row = self.add("mechanics", id=uid("mechanic", name), user_id=uid("auth", name), name=name,
                       email=f"{name.lower()}@shop.example", can_accept_sessions=True, application_status="approved",
                       account_status="active", created_at=at(90_000))  # fmt: skip
        return str(row["id"])

    def customer(self, name: object) -> str:
        row = self.add("profiles", id=uid("customer", name), role="customer", full_name=f"Customer {name}",
                       email=f"c{uid('customer', name)}@mail.example", phone=None, city="Town",
                       created_at=at(80_000))  # fmt: skip
        return str(row["id"])

    def session(self, name: object, made: float, **cells: Any) -> dict[str, Any]:
        """A session with its intake and customer, `made` minutes ago."""
        intake = self.add("intakes", id=uid("intake", name), name=f"Customer {name}", email=None, phone="555 0100",
                          year="2018", make="Toyota", model="Camry", vin="4T1B11HK5JU123456", concern="It stalls.",
                          urgent=False, files=[], created_at=at(made))  # fmt: skip
        return self.add("sessions", **({
            "id": uid("session", name), "plan": "video15", "type": "video", "status": "pending", "stripe_session_id":
            f"cs_{uid(name)}", "customer_user_id": self.customer(name), "mechanic_id": None, "intake_id": intake["id"],
            "created_at": at(made), "updated_at": None, "started_at": None, "ended_at": None, "expires_at": None,
            "cancelled_at": None, "parent_session_id": None, "metadata": {}, "rating": None} | cells))  # fmt: skip

    def request(self, session: dict[str, Any] | None, made: float, **cells: Any) -> dict[str, Any]:
        """A request, linked to its session if there is one."""
        name = len(self.tables["session_requests"])
        customer = session["customer_user_id"] if session else self.customer(f"r{name}")
        return self.add("session_requests", **({
            "id": uid("request", name), "customer_id": customer, "customer_name": "Somebody", "plan_code": "video15",
            "session_type": session["type"] if session else "video", "status": "pending", "mechanic_id": None,
            "session_id": session["id"] if session else None,
            "parent_session_id": None, "is_follow_up": False, "is_urgent": False, "created_at": at(made),
            "accepted_at": None, "expires_at": at(made - 15)} | cells))  # fmt: skip

    def done(self, name: object, made: float = 3000) -> dict[str, Any]:
        """A completed session with all that belongs to one."""
        start, end = at(made - 10), at(made - 40)
        session = self.session(name, made, status="completed", mechanic_id=self.ann, started_at=start, ended_at=end)
        self.request(session, made, status="completed", mechanic_id=self.ann, accepted_at=at(made - 4))
        self.assigned(session, self.ann, made, status="completed")
        self.event(session, "started", made - 10)
        self.add("session_summaries", session_id=session["id"], customer_report="Brakes were worn.",
                 identified_issues=[{"issue": "brakes", "severity": "high"}], created_at=end)  # fmt: skip
        self.add("session_reviews", id=uid("review", name), session_id=session["id"], rating=5, comment="Good",
                 created_at=at(made - 50))  # fmt: skip
        self.add("session_extensions", id=uid("extension", name), session_id=session["id"], minutes=10,
                 payment_intent_id=f"pi_{name}")  # fmt: skip
        self.add("mechanic_earnings", id=uid("earned", name), session_id=session["id"], mechanic_id=self.ann,
                 gross_amount_cents=2999)  # fmt: skip
        self.add("session_files", id=uid("file", name), session_id=session["id"], file_name="a.txt",
                 storage_path=f"s/{name}.txt", transcript=None)  # fmt: skip
        return session

    def assigned(self, session: dict[str, Any], mechanic: str | None, made: float, status: str = "accepted") -> None:
        number = len(self.tables["session_assignments"])
        self.add("session_assignments", id=uid("assignment", number), session_id=session["id"], mechanic_id=mechanic,
                 status=status, accepted_at=at(made - 4) if mechanic else None, created_at=at(made))  # fmt: skip

    def event(self, session: dict[str, Any], kind: str, minutes: float, mechanic: str | None = None) -> None:
        number = len(self.tables["session_events"])
        self.add("session_events", id=uid("event", number), session_id=session["id"], event_type=kind,
                 mechanic_id=mechanic, created_at=at(minutes))  # fmt: skip

    def pending(self, name: object, **cells: Any) -> dict[str, Any]:
        session = self.session(name, 5, **cells)
        self.request(session, 5)
        return session

    def held(self, name: object, mechanic: str, **cells: Any) -> dict[str, Any]:
        """A session accepted a few minutes ago."""
        session = self.session(name, 8, **({"status": "waiting", "mechanic_id": mechanic} | cells))
        self.request(session, 8, status="accepted", mechanic_id=mechanic, accepted_at=at(4))
        return session

    def rows(self) -> int:
        return sum(len(rows) for rows in self.tables.values())


def write(tables: Tables, folder: Path, form: str = "json") -> Path:
    """Export the tables, as JSON or as CSV."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in tables.items():
        if form == "json":
            (folder / f"{name}.json").write_text(json.dumps(rows))
        elif rows:
            with (folder / f"{name}.csv").open("w", newline="") as file:
                names = list(dict.fromkeys(column for row in rows for column in row))
                out = csv.DictWriter(file, names)
                out.writeheader()
                out.writerows({key: _csv(value) for key, value in row.items()} for row in rows)
    return folder


def _csv(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, (dict, list)) else value


def copied(shop: OldShop) -> Tables:
    return deepcopy(shop.tables)
