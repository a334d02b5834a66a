"""Writing a plan into a database of ours: in batches, each one transaction, and each session whole or not at all.

Old ids are kept, and what is there already is left as it is: a second run, or one after a run that was cut off, goes on
where the first one stopped and changes nothing else.
"""

import json
import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from mechtui.models import SessionType
from mechtui.server.clock import stamp
from mechtui.server.db.connection import ChangingConnection, transaction
from mechtui.server.db.engine import engine_of
from mechtui.server.db.events import begin_new_history
from mechtui.server.db.intakes import email_key, phone_key
from mechtui.server.legacy.case import Case
from mechtui.server.legacy.plan import NewCustomer, NewMechanic, Plan
from mechtui.server.legacy.source import Source
from mechtui.server.legacy.writing import INSERT_PLAN, plan_values, write_case

BATCH = 50
Progress = Callable[[int, int], None]
T = TypeVar("T")


@dataclass
class Moved:
    """What a run did: sessions that are new here, that were here before, and that the database refused, and why."""

    new: int = 0
    before: int = 0
    refused: dict[str, str] = field(default_factory=dict)


def move(database: str, plan: Plan, source: Source, progress: Progress) -> Moved:
    """Carry out a plan. No backend may serve the database meanwhile.

    `progress` is told how many sessions of how many are done. Raises `DatabaseError`.
    """
    moved = Moved()
    with engine_of(database).alone() as connection:
        with transaction(connection):
            _write_people(connection, plan)
            _write_plans(connection, plan)
        done = 0
        for cases in _batches(plan.cases):
            with transaction(connection):
                for case in cases:
                    _write(connection, case, source, plan, moved)
                begin_new_history(connection)
            done += len(cases)
            progress(done, len(plan.cases))
    return moved


def _write(connection: ChangingConnection, case: Case, source: Source, plan: Plan, moved: Moved) -> None:
    if connection.execute("SELECT 1 FROM sessions WHERE id = ?", (case.id,)).fetchall():
        moved.before += 1
        return
    connection.execute("SAVEPOINT one_case")
    try:
        write_case(connection, case, source, stamp(plan.now))
        moved.new += 1
    except connection.violated as error:
        connection.execute("ROLLBACK TO one_case")
        moved.refused[case.id] = _in_words(str(error))
    connection.execute("RELEASE one_case")


def _in_words(error: str) -> str:
    if "one_open" in error or "customer_id" in error:
        return "its customer has an open session here already"
    if "one_active" in error or "mechanic_id" in error:
        return "its mechanic has a session in hand here already"
    return f"the database refuses it: {error}"


def _batches(items: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), BATCH):
        yield items[start : start + BATCH]


def _write_people(connection: ChangingConnection, plan: Plan) -> None:
    connection.executemany(
        "INSERT INTO mechanics (id, name, token_hash, types, created_at, revoked_at) VALUES (?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (id) DO NOTHING",
        [_mechanic(mechanic, plan) for mechanic in plan.mechanics.values()],
    )
    known = {str(row[0]) for row in connection.execute("SELECT id FROM customers")}
    emails = {row[0] for row in connection.execute("SELECT email_key FROM customers WHERE email_key IS NOT NULL")}
    connection.executemany(
        "INSERT INTO customers (id, name, email_key, phone_key, created_at) VALUES (?, ?, ?, ?, ?)",
        [_customer(customer, emails) for customer in plan.customers.values() if customer.id not in known],
    )


def _mechanic(mechanic: NewMechanic, plan: Plan) -> tuple[Any, ...]:
    """A mechanic nobody can sign in as: what stands in place of his token's hash is the hash of nothing."""
    revoked = stamp(plan.now) if mechanic.revoked else None
    types = json.dumps(list(SessionType))
    return mechanic.id, mechanic.name, secrets.token_hex(32), types, stamp(mechanic.created), revoked


def _customer(customer: NewCustomer, emails: set[Any]) -> tuple[Any, ...]:
    """A customer; where another one has his e-mail already he is not found by it, since which is meant is open."""
    email = email_key(customer.email)
    email = None if email in emails else email
    emails.add(email)
    return customer.id, customer.name, email, phone_key(customer.phone), stamp(customer.created)


def _write_plans(connection: ChangingConnection, plan: Plan) -> None:
    connection.executemany(INSERT_PLAN, [plan_values(plan) for plan in sorted(plan.plans())])
