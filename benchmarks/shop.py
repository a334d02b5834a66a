"""A shop to measure in: a database with generated accounts, open requests and past sessions, and a real backend.

The rows are written with SQL of its own, since fifty thousand sessions played through by their rules would take
minutes; the database checks them as it checks every row.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any, cast
from uuid import UUID

from mechtui.config import DEFAULT_PLANS
from mechtui.models import SessionType
from mechtui.server.accounts import token_hash
from mechtui.server.clock import stamp
from mechtui.server.db.connection import Connection
from mechtui.server.db.engine import engine_of
from mechtui.server.demo.visits import Visit, visits
from mechtui.text import fold

_PLANS = {plan.type: plan for plan in DEFAULT_PLANS if plan.standard}
Rows = Sequence[dict[str, Any]]


@dataclass(frozen=True)
class Account:
    """A mechanic and his token."""

    id: str
    token: str


class Shop:
    """A database, the same for each seed but for its times: a file in `folder`, unless `url` names another."""

    def __init__(self, folder: Path, seed: int = 1, url: str = "") -> None:
        self.folder = folder
        self.path = folder / "bench.db"
        self.url = url or f"sqlite:///{self.path}"
        self._rng = Random(seed)
        self._visits = visits(self._rng)
        self._now = datetime.now(UTC)
        engine_of(self.url).prepare(DEFAULT_PLANS)

    def mechanics(self, count: int) -> list[Account]:
        """So many new mechanics, each of whom takes everything."""
        accounts = [Account(self._id(), f"mtm_{self._id()}") for _ in range(count)]
        types, at = json.dumps(list(SessionType)), stamp(self._now)
        rows = [
            {"id": a.id, "name": f"Mechanic {n}", "token_hash": token_hash(a.token), "types": types, "created_at": at}
            for n, a in enumerate(accounts, 1)
        ]
        with engine_of(self.url).changing() as connection:
            _insert(connection, "mechanics", rows)
        return accounts

    def requests(self, count: int, minutes: float = 60) -> list[str]:
        """So many open requests, the oldest first, which stay open for so long."""
        expires = stamp(self._now + timedelta(minutes=minutes))
        made = [self._now - timedelta(seconds=10 + count - n) for n in range(count)]
        rows = [{"status": "pending", "created_at": stamp(at), "expires_at": expires} for at in made]
        return self._sessions(rows, ["created"])

    def past(self, mechanic: Account, count: int) -> None:
        """So many sessions this mechanic completed, one every half hour."""
        self._sessions(
            [self._completed(mechanic, count - n) for n in range(count)], ["created", "accepted", "completed"]
        )

    def _completed(self, mechanic: Account, ago: int) -> dict[str, Any]:
        start = self._now - timedelta(minutes=30 * ago + 60)
        at = [stamp(start + timedelta(minutes=minutes)) for minutes in (0, 1, 2, 25)]
        return {
            "status": "completed", "created_at": at[0], "expires_at": stamp(start + timedelta(minutes=15)),
            "mechanic_id": mechanic.id, "accepted_at": at[1], "mechanic_joined_at": at[1],
            "customer_joined_at": at[2], "started_at": at[2], "ended_at": at[3], "ended_by": "mechanic",
            "end_reason": "done", "version": 4,
        }  # fmt: skip

    def _sessions(self, rows: Rows, kinds: Sequence[str]) -> list[str]:
        """Write these sessions, each with a customer and an intake of its own and one event of each kind."""
        seen = list(islice(self._visits, len(rows)))
        ids = [(self._id(), self._id(), self._id()) for _ in rows]
        customers = [_customer(i[1], v, row["created_at"]) for i, v, row in zip(ids, seen, rows, strict=True)]
        intakes = [_intake(i[2], i[1], v, row["created_at"]) for i, v, row in zip(ids, seen, rows, strict=True)]
        sessions = [self._session(i, v) | row for i, v, row in zip(ids, seen, rows, strict=True)]
        with engine_of(self.url).changing() as connection:
            _insert(connection, "customers", customers)
            _insert(connection, "intakes", intakes)
            _insert(connection, "sessions", sessions)
            _insert(connection, "events", _events(_take_seqs(connection, len(rows) * len(kinds)), sessions, kinds))
        return [session_id for session_id, _, _ in ids]

    def _session(self, ids: tuple[str, str, str], visit: Visit) -> dict[str, Any]:
        plan = _PLANS[visit.problem.type]
        return {
            "id": ids[0], "customer_id": ids[1], "intake_id": ids[2], "plan_code": plan.code, "type": plan.type,
            "urgent": visit.problem.urgent, "minutes": plan.minutes, "price_cents": plan.price_cents,
            "mechanic_share_bp": plan.mechanic_share_bp, "customer_token_hash": token_hash(ids[0]),
        }  # fmt: skip

    def _id(self) -> str:
        return str(UUID(int=self._rng.getrandbits(128), version=4))


def _customer(customer_id: str, visit: Visit, at: str) -> dict[str, Any]:
    return {"id": customer_id, "name": visit.customer.name, "created_at": at}


def _intake(intake_id: str, customer_id: str, visit: Visit, at: str) -> dict[str, Any]:
    car = visit.car
    told = (visit.customer.name, f"{car.year} {car.make} {car.model}", car.plate, car.vin, visit.concern)
    return {
        "id": intake_id, "customer_id": customer_id, "type": visit.problem.type, "urgent": visit.problem.urgent,
        "name": visit.customer.name, "city": visit.customer.city, "year": str(car.year), "make": car.make,
        "model": car.model, "vin": car.vin, "plate": car.plate, "odometer": car.odometer, "concern": visit.concern,
        "folded": fold("\n".join(part for part in told if part)), "created_at": at,
    }  # fmt: skip


def _take_seqs(connection: Connection, count: int) -> Iterator[int]:
    taken = connection.execute("UPDATE feed_head SET seq = seq + ? RETURNING seq", (count,)).fetchall()
    last = cast(int, taken[0][0])
    return iter(range(last - count + 1, last + 1))


def _events(seqs: Iterator[int], sessions: Rows, kinds: Sequence[str]) -> list[dict[str, Any]]:
    """What happened to each session: created by its customer, all else done by its mechanic."""
    at = {"created": "created_at", "accepted": "accepted_at", "completed": "ended_at"}
    return [
        {
            "seq": next(seqs),
            "session_id": session["id"],
            "kind": kind,
            "actor": "customer" if kind == "created" else "mechanic",
            "mechanic_id": None if kind == "created" else session["mechanic_id"],
            "at": session[at[kind]],
        }
        for session in sessions
        for kind in kinds
    ]


def _insert(connection: Connection, name: str, rows: Rows) -> None:
    columns = list(rows[0])
    sql = f"INSERT INTO {name} ({', '.join(columns)}) VALUES ({', '.join(f':{column}' for column in columns)})"
    connection.executemany(sql, rows)


@contextmanager
def new_shop(seed: int = 1) -> Iterator[Shop]:
    """A shop in a folder that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="mechtui-bench-") as folder:
        yield Shop(Path(folder), seed)


def environ(shop: Shop, token: str = "") -> dict[str, str]:
    """The environment of a program in this shop: no settings of the user, colours, and what was compiled is kept."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("MECHTUI_", "XDG_"))}
    for hindrance in ("NO_COLOR", "PYTHONDONTWRITEBYTECODE"):
        kept.pop(hindrance, None)
    own = {"HOME": str(shop.folder), "TERM": "xterm-256color", "COLORTERM": "truecolor"}
    return kept | own | ({"MECHTUI_TOKEN": token} if token else {})


@dataclass(frozen=True)
class Serving:
    """A backend that runs: its process, and where it listens."""

    process: subprocess.Popen[str]
    port: int

    @property
    def server(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"


def start_backend(shop: Shop, port: int = 0) -> Serving:
    """Start `mechtui serve`; returns when it listens."""
    command = [sys.executable, "-m", "mechtui", "serve", "--database", shop.url, "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environ(shop))
    assert process.stdout is not None
    said = re.search(r"http://\S+:(\d+)", process.stdout.readline())
    assert said is not None, "the backend did not start"
    return Serving(process, int(said[1]))


@contextmanager
def serving(shop: Shop) -> Iterator[Serving]:
    """A backend for as long as it is needed."""
    backend = start_backend(shop)
    try:
        yield backend
    finally:
        end(backend.process)


def end(process: subprocess.Popen[Any]) -> None:
    """End a process: with a word, and after five seconds without."""
    process.terminate()
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()
