"""Customers as whoever looks after the database knows them: found by what they gave, and asked to be forgotten."""

import re
from collections import defaultdict
from collections.abc import Callable
from typing import NamedTuple

from mechtui.server.db.connection import Connection
from mechtui.server.db.intakes import email_key, phone_key
from mechtui.server.db.rows import vehicle_label
from mechtui.text import fold

SHORTEST_PHONE = 5
"""Fewer digits are shared by too many to be one's phone."""
_A_PHONE = re.compile(r"[0-9+() ./-]+")
_GIVEN = """
SELECT c.id, c.name, c.email_key, c.phone_key FROM customers c
UNION ALL SELECT i.customer_id, i.name, i.email, i.phone FROM intakes i
UNION ALL SELECT s.customer_id, s.id, NULL, NULL FROM sessions s
"""
"""All that a customer may be asked for by: what he gave, then and later, and the ids of his sessions."""
_SESSIONS = """
SELECT s.id, s.type, s.status, s.created_at, i.year, i.make, i.model, s.forgotten_at,
  (SELECT count(*) FROM intake_files f WHERE f.intake_id = i.id)
FROM sessions s JOIN intakes i ON i.id = s.intake_id WHERE s.customer_id = ? ORDER BY s.created_at, s.id
"""


class Visit(NamedTuple):
    """One session of a customer, in short; times are stamps."""

    id: str
    type: str
    status: str
    created_at: str
    vehicle: str
    forgotten_at: str | None
    files: int

    @property
    def is_open(self) -> bool:
        """Whether it has not ended."""
        return self.status in {"pending", "waiting", "live"}


class Customer(NamedTuple):
    """A customer, and all his sessions, the first first."""

    id: str
    name: str
    visits: tuple[Visit, ...]


def find(connection: Connection, who: str) -> list[Customer]:
    """Whoever has this id, name, e-mail or phone, or the session with this id."""
    is_him = _matches(who)
    names: dict[str, str] = {}
    found: dict[str, bool] = defaultdict(bool)
    for customer_id, name, email, phone in connection.execute(_GIVEN):
        names.setdefault(customer_id, name)
        found[customer_id] |= customer_id == who or is_him(name, email, phone)
    return [Customer(i, names[i], _visits(connection, i)) for i, his in found.items() if his]


def ask_to_forget(connection: Connection, customer_id: str, now: str, by: str) -> None:
    """Have a customer forgotten by whoever serves the database: in what has ended now, in the rest when it ends."""
    connection.execute(
        "INSERT INTO removals (customer_id, asked_at, asked_by) VALUES (?, ?, ?) ON CONFLICT (customer_id) "
        "DO UPDATE SET asked_at = excluded.asked_at, asked_by = excluded.asked_by, done_at = NULL",
        (customer_id, now, by),
    )


def is_forgotten(connection: Connection, customer_id: str) -> bool:
    """Whether what was asked for has been done."""
    done = "SELECT 1 FROM removals WHERE customer_id = ? AND done_at IS NOT NULL"
    return bool(connection.execute(done, (customer_id,)).fetchall())


def _matches(who: str) -> Callable[[str, str | None, str | None], bool]:
    name, email, phone = fold(who.strip()), email_key(who), phone_key(who) if _A_PHONE.fullmatch(who) else None
    if phone is not None and len(phone) < SHORTEST_PHONE:
        phone = None

    def is_him(his_name: str, his_email: str | None, his_phone: str | None) -> bool:
        by_name, by_email = fold(his_name.strip()) == name, email is not None and email_key(his_email) == email
        return by_name or by_email or (phone is not None and phone_key(his_phone) == phone)

    return is_him


def _visits(connection: Connection, customer_id: str) -> tuple[Visit, ...]:
    return tuple(
        Visit(i, kind, status, at, vehicle_label(year, make, model), gone, files)
        for i, kind, status, at, year, make, model, gone, files in connection.execute(_SESSIONS, (customer_id,))
    )
