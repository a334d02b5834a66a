"""A mechanic's terminal without a screen: the real client, journal, feed, replica, store and wishes, and his habits."""

import asyncio
import random
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import UTC
from pathlib import Path

from mechtui.api_client import MechanicClient
from mechtui.app import SETTLE_SECONDS
from mechtui.clock import Clock
from mechtui.feed import Feed
from mechtui.models import Session
from mechtui.replica import EventApplied, Fresh, LinkChanged, LinkState, Replica, SnapshotApplied, Update
from mechtui.rows import Tab
from mechtui.screens.wishes import Wishes
from mechtui.server.accounts import NewAccount
from mechtui.store import Store
from tests.simulation.ledger import Ledger, NotedJournal
from tests.simulation.net import SERVER, Link, Transport
from tests.simulation.nodes import Node
from tests.simulation.world import WallClock, World


@dataclass(frozen=True)
class Told:
    """An event a terminal was told of."""

    epoch: str | None
    seq: int
    kind: str
    session: str
    version: int


@dataclass
class Terminal:
    """One terminal, started again and again; what is on its disk stays."""

    world: World
    name: str
    account: NewAccount
    link: Link
    ledger: Ledger
    folder: Path
    nodes: list[Node] = field(default_factory=list)
    told: set[Told] = field(default_factory=set)
    proved_at: float = 0.0
    """When the world's clock stood at what last proved its rows."""
    heard_at: float = 0.0
    woke_at: float = 0.0
    beat_at: float = 0.0
    said_at: float = 0.0
    """When it last said something else of itself."""
    works: bool = True
    is_dead: bool = False

    def __post_init__(self) -> None:
        self.wall = WallClock(self.world)
        self.link.heard = self.ledger.heard

    @property
    def node(self) -> Node:
        """The process of now."""
        return self.nodes[-1]

    @property
    def runs(self) -> bool:
        """Whether anybody could look at it now."""
        return self.node.runs

    @property
    def settled(self) -> bool:
        """Whether nothing is asked, and nothing unknown."""
        return all(asked.ended is not None for asked in self.ledger.asked.values() if asked.who == self.name)

    def start(self) -> None:
        """Begin with nothing but what is on the disk."""
        self.nodes.append(Node(self.name, self.world.chance(f"{self.name} {len(self.nodes)}")))
        self.is_dead = False
        self.node.context.run(self._set_up)
        self.world.note(self.name, "starts")
        for work in (self._follow(), self._tick(), self._work(self.node.chance)):
            self.node.start(work)

    def kill(self) -> None:
        """`kill -9`. Its lines are cut; what it was waiting for never comes."""
        self.world.note(self.name, "killed")
        self.is_dead = True
        self.node.stop(self.world.now)
        self.link.cut()

    def sleep(self) -> None:
        """The lid is closed: its time stands still, but for the clock that counts sleep."""
        self.world.note(self.name, "falls asleep")
        self.node.stop(self.world.now)

    def wake(self) -> None:
        """The lid is opened."""
        if not self.is_dead and not self.node.runs:
            self.world.note(self.name, "wakes up")
            self.woke_at = self.world.now
            self.node.wake(self.world.now)

    def _set_up(self) -> None:
        loop, chance = self.world.loop, self.node.chance
        self.proved_at = self.heard_at = self.woke_at = self.world.now
        journal = NotedJournal(self.folder / f"{self.name}.journal")
        journal.ledger, journal.who = self.ledger, self.name
        self.client = MechanicClient(
            SERVER, self.account.token, journal=journal, transport=Transport(self.link), clock=loop.time,
            sleep=asyncio.sleep, jitter=chance.uniform,
        )  # fmt: skip
        self.replica = Replica()
        self.feed = Feed(
            SERVER, self.account.token, self.replica, self.client.snapshot,
            open_line=self.link.opener(self.account.token), jitter=chance.uniform, clock=lambda: self.world.now,
            heard=self._hear,
        )  # fmt: skip
        self.store = Store(Clock(steady=loop.time, wall=self.wall, zone=UTC))
        self.wishes = Wishes(self.store, self.client, lambda change: None)

    # --- what it does -----------------------------------------------------------------------------------------

    async def _follow(self) -> None:
        async with aclosing(self.feed.updates()) as updates:
            async for update in updates:
                self._take(update)

    def _hear(self, frame: str | bytes) -> None:
        self.heard_at = self.world.now
        if str(frame).startswith('{"t":"heartbeat"'):
            self.beat_at = self.world.now

    def _take(self, update: Update) -> None:
        before = self.store.state
        self.store.apply(update)
        is_live = isinstance(update, LinkChanged) and update.state is LinkState.LIVE
        if is_live or isinstance(update, Fresh | SnapshotApplied | EventApplied):
            self.proved_at = self.world.now
        if isinstance(update, EventApplied):
            event = update.event
            self.told.add(Told(self.replica.epoch, event.seq, event.kind, event.session.id, event.session.version))
        if self.store.state is not before:
            self.said_at = self.world.now
            self.world.note(self.name, f"says {self.store.state}")

    async def _tick(self) -> None:
        await self.wishes.ask_again()
        waited = 0.0
        while True:
            await asyncio.sleep(0.5)
            self.store.tick()
            waited += 0.5
            if waited >= SETTLE_SECONDS and self.wishes.unsettled:
                waited = 0.0
                await self.wishes.ask_again()

    async def _work(self, chance: random.Random) -> None:
        while True:
            await asyncio.sleep(chance.uniform(0.3, 5.0))
            if self.works and self.store.state is LinkState.LIVE:
                await self._do_something(chance)

    async def _do_something(self, chance: random.Random) -> None:
        active = self.store.active
        waiting = [row for row in self.store.rows(Tab.INCOMING).rows.values() if row.id not in self.store.leaving]
        if active is not None and chance.random() < 0.8:
            await self._go_on(active, chance)
        elif waiting:
            row = chance.choice(sorted(waiting, key=lambda one: one.id))
            if chance.random() < 0.15:
                await self.wishes.pass_on(row.id, "")
            else:
                await self.wishes.accept(row.id)

    async def _go_on(self, active: Session, chance: random.Random) -> None:
        verb = chance.choice(("join", "join", "end", "release"))
        if verb == "join":
            await self.wishes.join(active.id)
        elif verb == "end":
            await self.wishes.end(active.id)
        else:
            await self.wishes.release(active.id, "")
