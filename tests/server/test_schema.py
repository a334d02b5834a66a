"""The database itself refuses what may not be, whoever writes to it."""

from collections.abc import Iterator
from typing import Any

import pytest

from mechtui.config import DEFAULT_PLANS
from mechtui.server.db.connection import Connection
from mechtui.server.db.engine import engine_of
from tests.engines import open_to_write

T0, T1, T2, T3, T4 = (f"2026-03-02T09:0{n}:00.000Z" for n in range(5))
LATER = "2026-03-02T09:15:00.000Z"

LEGAL: dict[str, dict[str, Any]] = {
    "pending": {},
    "waiting": {"status": "waiting", "mechanic_id": "ann", "accepted_at": T1},
    "waiting, mechanic there": {
        "status": "waiting", "mechanic_id": "ann", "accepted_at": T1, "mechanic_joined_at": T2,
    },
    "live": {
        "status": "live", "mechanic_id": "ann", "accepted_at": T1, "mechanic_joined_at": T2,
        "customer_joined_at": T3, "started_at": T3,
    },
    "completed": {
        "status": "completed", "mechanic_id": "ann", "accepted_at": T1, "mechanic_joined_at": T2,
        "customer_joined_at": T3, "started_at": T3, "ended_at": T4, "ended_by": "mechanic", "end_reason": "done",
    },
    "cancelled while pending": {
        "status": "cancelled", "ended_at": T1, "ended_by": "customer", "end_reason": "sorry",
    },
    "cancelled while waiting": {
        "status": "cancelled", "mechanic_id": "ann", "accepted_at": T1, "ended_at": T2, "ended_by": "customer",
        "end_reason": "sorry",
    },
    "expired": {"status": "expired", "ended_at": LATER, "ended_by": "system", "end_reason": "nobody"},
}  # fmt: skip

ILLEGAL: dict[str, tuple[str, dict[str, Any]]] = {
    "accepted, but nobody has it": ("waiting", {"mechanic_id": None, "accepted_at": None}),
    "accepted, but no time of it": ("waiting", {"accepted_at": None}),
    "open, but somebody has it": ("pending", {"mechanic_id": "ann", "accepted_at": T1}),
    "open, but accepted once": ("pending", {"accepted_at": T1}),
    "open, but somebody is on the page": ("pending", {"customer_joined_at": T1}),
    "open, but ended": ("pending", {"ended_at": T1, "ended_by": "system", "end_reason": "x"}),
    "waiting, but both are there": ("waiting, mechanic there", {"customer_joined_at": T2}),
    "waiting, but started": ("waiting", {"started_at": T2}),
    "waiting, but ended": ("waiting", {"ended_at": T2, "ended_by": "system", "end_reason": "x"}),
    "live, but never started": ("live", {"started_at": None}),
    "live, but nobody has it": ("live", {"mechanic_id": None, "accepted_at": None}),
    "live, but the mechanic never joined": ("live", {"mechanic_joined_at": None}),
    "live, but the customer never joined": ("live", {"customer_joined_at": None}),
    "live, but ended": ("live", {"ended_at": T4, "ended_by": "system", "end_reason": "x"}),
    "completed, but never started": ("completed", {"started_at": None}),
    "completed, but nobody had it": ("completed", {"mechanic_id": None, "accepted_at": None}),
    "completed, but not ended": ("completed", {"ended_at": None, "ended_by": None, "end_reason": None}),
    "cancelled, but not ended": ("cancelled while pending", {"ended_at": None, "ended_by": None, "end_reason": None}),
    "expired with a mechanic": ("expired", {"mechanic_id": "ann", "accepted_at": T1}),
    "expired, but not ended": ("expired", {"ended_at": None, "ended_by": None, "end_reason": None}),
    "ended by nobody": ("completed", {"ended_by": None}),
    "ended for no reason": ("completed", {"end_reason": None}),
    "ended by a stranger": ("completed", {"ended_by": "cron"}),
    "a status nobody knows": ("pending", {"status": "unattended"}),
    "a type nobody knows": ("pending", {"type": "phone"}),
    "a plan of another type": ("pending", {"plan_code": "chat30"}),
    "a plan nobody offers": ("pending", {"plan_code": "gold"}),
    "a mechanic nobody knows": ("waiting", {"mechanic_id": "ghost"}),
    "a customer nobody knows": ("pending", {"customer_id": "ghost"}),
    "an intake nobody filled in": ("pending", {"intake_id": "ghost"}),
    "another customer's intake": ("pending", {"customer_id": "kim"}),
    "expiring before it was made": ("pending", {"expires_at": T0}),
    "accepted before it was made": ("waiting", {"created_at": T2}),
    "joined before it was accepted": ("live", {"mechanic_joined_at": T0}),
    "started before both were there": ("live", {"started_at": T2}),
    "ended before it started": ("completed", {"ended_at": T2}),
    "ended before it was accepted": ("cancelled while waiting", {"ended_at": T0}),
    "a time of another width": ("waiting", {"accepted_at": "2026-03-02 09:01:00"}),
    "no minutes": ("pending", {"minutes": 0}),
    "a negative price": ("pending", {"price_cents": -1}),
    "a share above everything": ("pending", {"mechanic_share_bp": 10_001}),
    "an urgency that is no yes or no": ("pending", {"urgent": 2}),
    "version zero": ("pending", {"version": 0}),
    "no customer token": ("pending", {"customer_token_hash": ""}),
}

BASE: dict[str, Any] = {
    "id": "s1", "customer_id": "jo", "intake_id": "i1", "plan_code": "video45", "type": "video", "status": "pending",
    "urgent": 0, "created_at": T0, "expires_at": LATER, "minutes": 45, "price_cents": 2999,
    "mechanic_share_bp": 7000, "customer_token_hash": "a" * 64,
}  # fmt: skip


@pytest.fixture
def connection(database: str) -> Iterator[Connection]:
    engine_of(database).prepare(DEFAULT_PLANS)
    connection = open_to_write(database)
    for number, name in enumerate(("ann", "bob")):
        connection.execute(
            "INSERT INTO mechanics (id, name, token_hash, types, created_at) VALUES (?, ?, ?, '[]', ?)",
            (name, name, str(number) * 64, T0),
        )
    for customer, intake in (("jo", "i1"), ("kim", "i2"), ("lee", "i3")):
        connection.execute("INSERT INTO customers (id, name, created_at) VALUES (?, ?, ?)", (customer, customer, T0))
        connection.execute(
            "INSERT INTO intakes (id, customer_id, type, urgent, name, concern, folded, created_at) "
            "VALUES (?, ?, 'video', 0, ?, 'it stalls', '', ?)",
            (intake, customer, customer, T0),
        )
    yield connection
    connection.close()


def insert(connection: Connection, **columns: Any) -> None:
    row = BASE | columns
    names = ", ".join(row)
    connection.execute(f"INSERT INTO sessions ({names}) VALUES ({', '.join(':' + name for name in row)})", row)


def event(connection: Connection, seq: int, **columns: Any) -> None:
    row = {
        "seq": seq,
        "session_id": "s1",
        "kind": "created",
        "actor": "customer",
        "mechanic_id": None,
        "at": T0,
    } | columns
    connection.execute(
        "INSERT INTO events (seq, session_id, kind, actor, mechanic_id, at) "
        "VALUES (:seq, :session_id, :kind, :actor, :mechanic_id, :at)",
        row,
    )


@pytest.mark.parametrize("name", LEGAL)
def test_what_may_be_is_taken(connection: Connection, name: str) -> None:
    insert(connection, **LEGAL[name])
    assert connection.execute("SELECT count(*) FROM sessions").fetchall() == [(1,)]


@pytest.mark.parametrize("name", ILLEGAL)
def test_what_may_not_be_is_refused(connection: Connection, name: str) -> None:
    legal, change = ILLEGAL[name]
    with pytest.raises(connection.violated):
        insert(connection, **(LEGAL[legal] | change))


def test_a_mechanic_has_one_active_session(connection: Connection) -> None:
    insert(connection, **LEGAL["live"])
    second = {"id": "s2", "customer_id": "kim", "intake_id": "i2", "customer_token_hash": "b" * 64}
    with pytest.raises(connection.violated, match="mechanic"):
        insert(connection, **(LEGAL["waiting"] | second))


def test_a_customer_has_one_open_session(connection: Connection) -> None:
    connection.execute(
        "INSERT INTO intakes (id, customer_id, type, urgent, name, concern, folded, created_at) "
        "VALUES ('i9', 'jo', 'video', 0, 'jo', 'again', '', ?)", (T0,),
    )  # fmt: skip
    insert(connection)
    with pytest.raises(connection.violated, match="customer"):
        insert(connection, id="s2", intake_id="i9", customer_token_hash="b" * 64)


OFFER = "INSERT INTO handovers VALUES ('s1', 'ann', 'bob', NULL, '2026-03-02T09:01:00.000Z')"


def test_a_session_changes_hands_to_whom_it_is_offered_and_the_offer_is_gone(connection: Connection) -> None:
    insert(connection, **LEGAL["waiting"])
    connection.execute(OFFER)
    connection.execute("UPDATE sessions SET mechanic_id = 'bob', version = 2")
    assert connection.execute("SELECT count(*) FROM handovers").fetchall() == [(0,)]
    with pytest.raises(connection.violated, match="hands"):
        connection.execute("UPDATE sessions SET mechanic_id = 'ann', version = 3")


@pytest.mark.parametrize("status", ["pending", "completed"])
def test_only_what_one_has_in_hand_can_be_offered(connection: Connection, status: str) -> None:
    insert(connection, **LEGAL[status])
    with pytest.raises(connection.violated, match="holds"):
        connection.execute(OFFER)


def test_an_offer_is_to_somebody_else_and_never_changed(connection: Connection) -> None:
    insert(connection, **LEGAL["waiting"])
    for wrong in (OFFER.replace("'bob'", "'ann'"), OFFER.replace("'bob'", "'ghost'"), OFFER.replace("'ann'", "'bob'")):
        with pytest.raises(connection.violated):
            connection.execute(wrong)
    connection.execute(OFFER)
    with pytest.raises(connection.violated, match="another offer"):
        connection.execute("UPDATE handovers SET note = 'x'")


ENDS_OFFERS = {
    "released": "status = 'pending', mechanic_id = NULL, accepted_at = NULL, mechanic_joined_at = NULL",
    "cancelled": "status = 'cancelled', ended_at = '2026-03-02T09:04:00.000Z', ended_by = 'customer', end_reason = 'x'",
}


@pytest.mark.parametrize("how", ENDS_OFFERS)
def test_an_offer_ends_with_the_hand_that_made_it(connection: Connection, how: str) -> None:
    insert(connection, **LEGAL["waiting"])
    connection.execute(OFFER)
    connection.execute(f"UPDATE sessions SET {ENDS_OFFERS[how]}, version = 2")
    assert connection.execute("SELECT count(*) FROM handovers").fetchall() == [(0,)]


CHANGES = {
    "a session is deleted": ("completed", "DELETE FROM sessions"),
    "an ended session comes back": (
        "expired",
        "UPDATE sessions SET status = 'pending', ended_at = NULL, ended_by = NULL, end_reason = NULL, version = 2",
    ),
    "an ended session loses its mechanic": (
        "cancelled while waiting",
        "UPDATE sessions SET mechanic_id = NULL, accepted_at = NULL, version = 2",
    ),
    "a held session is taken over": ("waiting", "UPDATE sessions SET mechanic_id = 'bob', version = 2"),
    "a transition keeps its version": (
        "waiting",
        "UPDATE sessions SET status = 'pending', mechanic_id = NULL, accepted_at = NULL",
    ),
    "a version falls": ("pending", "UPDATE sessions SET version = 0"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_may_not_change_does_not(connection: Connection, name: str) -> None:
    legal, sql = CHANGES[name]
    insert(connection, **LEGAL[legal])
    with pytest.raises(connection.violated):
        connection.execute(sql)


def test_the_event_log_is_append_only(connection: Connection) -> None:
    insert(connection)
    event(connection, 1)
    for sql in ("UPDATE events SET kind = 'accepted'", "DELETE FROM events"):
        with pytest.raises(connection.violated, match="append-only"):
            connection.execute(sql)


@pytest.mark.parametrize(
    "columns",
    [
        {"session_id": "ghost"},
        {"kind": "vanished"},
        {"actor": "cron"},
        {"kind": "accepted", "actor": "mechanic"},
        {"mechanic_id": "ann"},
        {"at": "yesterday"},
        {"seq": 0},
    ],
)
def test_an_event_is_of_a_session_and_says_who(connection: Connection, columns: dict[str, Any]) -> None:
    insert(connection)
    with pytest.raises(connection.violated):
        event(connection, **({"seq": 1} | columns))


def test_a_place_in_the_feed_is_given_once(connection: Connection) -> None:
    insert(connection)
    event(connection, 1)
    with pytest.raises(connection.violated):
        event(connection, 1)


@pytest.mark.parametrize("status", [401, 403, 422, 429, 500, 503])
def test_an_answer_that_is_not_final_is_never_stored(connection: Connection, status: int) -> None:
    with pytest.raises(connection.violated):
        connection.execute(
            "INSERT INTO idempotency (principal, key, fingerprint, status, body, at) VALUES ('m', 'k', 'f', ?, '', ?)",
            (status, T0),
        )
