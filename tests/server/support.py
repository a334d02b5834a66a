"""A shop to test in: a clock that stands still, mechanics, customers, a store."""

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from mechtui.config import Rules
from mechtui.models import SubmitRequest
from mechtui.server import accounts
from mechtui.server.db import intakes, sessions
from mechtui.server.db.accepts import Accept
from mechtui.server.db.engine import engine_of
from mechtui.server.db.events import Batch, Event, position
from mechtui.server.db.rows import SessionRow, Shop
from mechtui.server.db.sessions import Mechanic
from mechtui.server.db.store import Store

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PUBLIC_URL = "https://shop.example"
SHOP = Shop(Rules(), PUBLIC_URL)


@dataclass
class HandClock:
    """Time that moves by hand only."""

    now: datetime = START

    def __call__(self) -> datetime:
        return self.now

    def forward(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


def database_url(path: Path) -> str:
    return f"sqlite:///{path}"


def hire(database: str, name: str, *types: str) -> Mechanic:
    """A mechanic with an account in the database at this address."""
    taken = types or ("chat", "video", "diagnostic")
    account = accounts.add_mechanic(database, name, taken)
    return Mechanic(account.id, name, taken)


@dataclass
class ShopFloor:
    """A store with two mechanics in it."""

    database: str
    clock: HandClock = field(default_factory=HandClock)
    rules: Rules = field(default_factory=Rules)
    batches: list[Batch] = field(default_factory=list)
    publish: Callable[[Batch], None] | None = None

    def __post_init__(self) -> None:
        self.ann = hire(self.database, "Ann")
        self.bob = hire(self.database, "Bob")
        self.store = self.open()
        self.reader = engine_of(self.database).open_reader()

    def open(self) -> Store:
        return Store(
            self.database,
            Shop(self.rules, PUBLIC_URL),
            clock=self.clock,
            publish=self.publish or self.batches.append,
        )

    async def close(self) -> None:
        self.reader.close()
        await self.store.close()

    @property
    def seq(self) -> int:
        """How far the feed has come in the database."""
        return position(self.reader).seq

    async def events(self) -> list[Event]:
        """Every event published so far; waits for those that are durable but on their way."""
        head = self.seq
        while self.batches[-1].seq_to < head:  # noqa: ASYNC110 - the loop's next turn is what is waited for
            await asyncio.sleep(0)
        return [event for batch in self.batches for event in batch.events]

    async def submit(self, name: str = "Jo Doe", **fields: Any) -> SessionRow:
        """A new request; by a customer of his own unless contact details say otherwise."""
        wish = SubmitRequest.model_validate({"type": "video", "name": name, "concern": "It stalls."} | fields)
        return await self.store.run(lambda tx: intakes.submit(tx, wish, secrets.token_hex(32)))

    async def accept(self, me: Mechanic, session_id: str) -> SessionRow:
        return await self.store.run(Accept(me, session_id))

    async def go_live(self, me: Mechanic, session_id: str) -> SessionRow:
        """Accept and have both join."""
        await self.accept(me, session_id)
        await self.store.run(lambda tx: sessions.join_as_customer(tx, session_id))
        return await self.store.run(lambda tx: sessions.join_as_mechanic(tx, me, session_id))

    async def end(self, me: Mechanic, session_id: str, reason: str = "") -> SessionRow:
        return await self.store.run(lambda tx: sessions.end_as_mechanic(tx, me, session_id, reason))

    async def complete(self, me: Mechanic, session_id: str) -> SessionRow:
        """Accept, join, let it run for ten minutes, end."""
        await self.go_live(me, session_id)
        self.clock.forward(600)
        return await self.end(me, session_id)
