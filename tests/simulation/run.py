"""One run: a shop opens, works through its trouble, is left in peace, and is judged."""

import asyncio
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from unittest import mock

from fastapi import FastAPI

from mechtui.replica import LinkState
from mechtui.server import accounts, hub
from mechtui.server.accounts import NewAccount
from mechtui.server.app import Backend
from mechtui.server.db import store
from tests.faults.disk import Disk, mounted
from tests.rules.audit import findings
from tests.server.support import database_url
from tests.simulation.answers import Book, counting, wrong_answers
from tests.simulation.desk import Desk
from tests.simulation.driven import DrivenWriter
from tests.simulation.faults import Trouble, weather_of
from tests.simulation.ledger import Ledger
from tests.simulation.machine import Host
from tests.simulation.monitor import Monitor
from tests.simulation.net import Link
from tests.simulation.nodes import Node
from tests.simulation.terminal import Terminal
from tests.simulation.truth import reading, seen_in, true_for
from tests.simulation.world import World, run_world

TROUBLE_SECONDS = 120.0
PEACE_SECONDS = 60.0
"""In which every terminal must agree with the database: longer than the longest pause between two tries of anything."""
CREW = ("ann", "ann 2", "bob", "cem")
_SMALL = {"RING_EVENTS": 25, "BACKLOG_BYTES": 6_000, "DRAINED_BYTES": 1_000}
"""Limits of the hub, so low that a run meets them."""


_made_routes = Backend._routes
_ROUTES: list[FastAPI] = []


@dataclass(frozen=True)
class Template:
    """A fresh database with its accounts; each run begins with a copy."""

    path: Path
    crew: dict[str, NewAccount]
    desk: NewAccount


@cache
def template() -> Template:
    """Made once a process, with tokens that are the same in each."""
    folder = Path(tempfile.mkdtemp(prefix="mechtui-simulation-", dir=_fast()))
    database = database_url(folder / "template.db")

    def make(_: World) -> Template:
        crew = {name: accounts.add_mechanic(database, name.title()) for name in dict.fromkeys(n[:3] for n in CREW)}
        desk = accounts.add_desk(database, "desk")
        return Template(folder / "template.db", crew, desk)

    made: list[Template] = []

    async def work(world: World) -> None:
        made.append(make(world))

    run_world(0, work)
    return made[0]


def _fast() -> str | None:
    """Where files are in memory, if there is such a place: nothing here outlives the process."""
    return "/dev/shm" if Path("/dev/shm").is_dir() else None


@dataclass
class Shop:
    """All there is in one run."""

    world: World
    folder: Path
    disk: Disk
    closed_at: list[float] = field(default_factory=list)
    books: list[Book] = field(default_factory=list)

    def __post_init__(self) -> None:
        made, world = template(), self.world
        self.path = self.folder / "shop.db"
        shutil.copy(made.path, self.path)
        self.host = Host(world, self.path, self.disk)
        self.ledger = Ledger(world)
        weather = weather_of(world.chance("weather"))
        self.terminals = [
            Terminal(world, name, made.crew[name[:3]], Link(world, name, self.host, weather=weather), self.ledger,
                     self.folder)
            for name in CREW
        ]  # fmt: skip
        self.desk = Desk(world, made.desk, Link(world, "desk", self.host, weather=weather), self.ledger, self.folder)
        self.mechanics = {terminal.name: terminal.account.id for terminal in self.terminals}
        self.trouble = Trouble(world, self.host, self.terminals, self.desk, self.close_book)
        self.monitor = Monitor(world, self.host, self.terminals)

    @property
    def nodes(self) -> Iterator[Node]:
        """Every machine there ever was."""
        yield from self.host.nodes
        for terminal in self.terminals:
            yield from terminal.nodes
        yield self.desk.node

    async def run(self) -> None:
        """From the first start to the last word."""
        self.host.start()
        for terminal in self.terminals:
            terminal.start()
        self.desk.start()
        watching = asyncio.create_task(self.monitor.watch())
        try:
            await self.trouble.run(TROUBLE_SECONDS)
            await self.trouble.end()
            self.desk.works = False
            for terminal in self.terminals:
                terminal.works = False
            await self._converge()
            self._judge()
        finally:
            watching.cancel()
            await self._close(watching)

    async def _converge(self) -> None:
        until = self.world.now + PEACE_SECONDS
        while (wrong := self._differing()) and self.world.now < until:
            await self.world.sleep(0.5)
        for words in wrong:
            self.world.blame(f"after {PEACE_SECONDS:.0f} s of peace: {words}")

    def _differing(self) -> list[str]:
        if not self.host.listens:
            return ["the backend does not serve"]
        wrong = [f"{who} is not settled" for who in self._unsettled()]
        for terminal in self.terminals:
            words = true_for(self.host.reader, terminal.account.id).differs(seen_in(terminal.store))
            if words or terminal.store.state is not LinkState.LIVE:
                wrong.append(f"{terminal.name} says {terminal.store.state}: {words}")
        return wrong

    def _unsettled(self) -> list[str]:
        settled = [(one.name, one.settled) for one in self.terminals] + [("desk", self.desk.settled)]
        return [name for name, is_settled in settled if not is_settled]

    # --- judging ------------------------------------------------------------------------------------------------

    def close_book(self) -> None:
        """Judge what was answered by the database as it is now; it may be about to become another.

        What was asked before a backup was restored counts only as far as that knows of it.
        """
        with reading(self.path) as reader:
            book = Book.of(reader)
        since = self.closed_at[-1] if self.closed_at else 0.0
        asked = counting(self.ledger.asked.values(), book, since)
        for words in wrong_answers(asked, self.mechanics, book):
            self.world.blame(words)
        self.closed_at.append(self.world.now)
        self.books.append(book)

    def _judge(self) -> None:
        self.close_book()
        with reading(self.path) as reader:
            for name, rows in findings(reader).items():
                self.world.blame(f"{name}: {rows}")
        happened = {(book.epoch, fact.seq): (fact.kind, fact.session) for book in self.books for fact in book.facts}
        for terminal in self.terminals:
            for told in sorted(terminal.told, key=lambda one: one.seq):
                if happened.get((told.epoch or "", told.seq)) != (told.kind, told.session):
                    self.world.blame(f"{terminal.name} was told of what never happened: {told}")

    # --- the end ------------------------------------------------------------------------------------------------

    async def _close(self, watching: asyncio.Task[None]) -> None:
        self.world.is_over = True
        if self.host.node.runs:
            self.host.kill()
        await asyncio.gather(watching, return_exceptions=True)
        for node in self.nodes:
            await node.bury(self.world.now)


def _shared_routes(backend: Backend) -> FastAPI:
    """The routes, made once a process: that takes longer than all else in a start."""
    http = _made_routes(backend) if not _ROUTES else _ROUTES[0]
    _ROUTES[:] = [http]
    http.state.backend = backend
    http.router.lifespan_context = backend._lifespan
    return http


def simulate(seed: int) -> tuple[World, Shop]:
    """One run; what was wrong is in the world."""
    template()
    folder = Path(tempfile.mkdtemp(prefix="mechtui-simulation-", dir=_fast()))
    shops: list[Shop] = []

    async def work(world: World) -> None:
        shops.append(Shop(world, folder, disk))
        await shops[0].run()

    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder)
        stack.enter_context(mock.patch.object(store, "Writer", DrivenWriter))
        stack.enter_context(mock.patch.object(Backend, "_routes", _shared_routes))
        for name, value in _SMALL.items():
            stack.enter_context(mock.patch.object(hub, name, value))
        disk = stack.enter_context(mounted(Disk()))
        return run_world(seed, work), shops[0]
