"""Many terminals behind a balancer, before three backends one of which is always being killed.

After each heal every terminal is held against the database: the rows this mechanic may see, and that it says LIVE.
"""

import asyncio
import itertools
import random
import statistics
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field

import pytest

from mechtui.server.accounts import NewAccount
from mechtui.server.db.connection import Connection
from mechtui.server.db.engine import engine_of
from tests.engines import PostgresServer
from tests.faults import LARGE
from tests.faults.balancer import balancer
from tests.faults.order import disagreements
from tests.faults.process import BackendProcess, facts_in
from tests.faults.tally import Tally
from tests.faults.terminals import Terminal, following, seen_by
from tests.faults.wishes import Wishes, wishes
from tests.rules.audit import findings

BACKENDS = 3
KILLS, TERMINALS = (120, 64) if LARGE else (2, 8)
EVERY_SECONDS = 5.0 if LARGE else 1.0
AGREE_SECONDS = 2.0 if LARGE else 10.0
"""From the heal on. The small run is for machines that have other things to do."""
MECHANICS = 8
OPEN_REQUESTS = 20


@dataclass
class Floor:
    """Everybody at work behind the balancer, until it is said to pause."""

    database: str
    backends: list[BackendProcess]
    wishes: Wishes
    terminals: list[Terminal]
    reader: Connection
    go: asyncio.Event = field(default_factory=asyncio.Event)
    busy: int = 0
    seconds: list[float] = field(default_factory=list)

    @property
    def crew(self) -> list[NewAccount]:
        return self.backends[0].crew

    async def work(self) -> None:
        """A desk that sees to it that requests wait, and mechanics who take, give back and end them, for ever."""
        await asyncio.gather(self._desk(), *(self._mechanic(me) for me in self.crew))

    async def _desk(self) -> None:
        for number in itertools.count():
            async with self._step():
                if self._count("status = 'pending'") < OPEN_REQUESTS:
                    wish = {"type": "chat", "name": f"Jo {number}", "concern": "It stalls."}
                    answer = await self.wishes.settled("/api/intakes", self.backends[0].desk.token, wish)
                    assert answer.status_code == 201, answer.text

    async def _mechanic(self, me: NewAccount) -> None:
        chance, mine = random.Random(me.name), ""
        while True:
            async with self._step():
                pending = self._ids("status = 'pending'")
                wish = chance.choice(("release", "end")) if mine else "accept"
                if mine or pending:
                    session = mine or chance.choice(pending)
                    done = await self.wishes.ask(me, wish, session) == "done"
                    mine = session if done and wish == "accept" else ""
            await asyncio.sleep(chance.uniform(0.0, 0.1))

    @asynccontextmanager
    async def _step(self) -> AsyncIterator[None]:
        """One thing somebody does, if nobody said to pause."""
        await self.go.wait()
        self.busy += 1
        try:
            yield
        finally:
            self.busy -= 1
        await asyncio.sleep(0.01)

    def _ids(self, which: str) -> list[str]:
        return [str(row[0]) for row in self.reader.execute(f"SELECT id FROM sessions WHERE {which} ORDER BY id")]

    def _count(self, which: str) -> int:
        return len(self._ids(which))

    async def kill_and_heal(self, victim: BackendProcess) -> list[str]:
        """Kill one under load and start it again; then stop working, and say who does not agree in time."""
        self.go.set()
        await asyncio.sleep(EVERY_SECONDS / 2)
        victim.kill()
        await victim.start()
        self.go.clear()
        began = asyncio.get_running_loop().time()
        differing = await self.agree(AGREE_SECONDS)
        self.seconds.append(asyncio.get_running_loop().time() - began)
        return differing

    async def agree(self, seconds: float) -> list[str]:
        """Wait until every terminal shows what is there; who does not in time."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self.busy or self.differing():  # noqa: ASYNC110 - processes are waited for
                    await asyncio.sleep(0.01)
        return self.differing()

    def differing(self) -> list[str]:
        """Whose terminal is not what the database holds."""
        held = [*self.reader.execute("SELECT id, status, version, mechanic_id FROM sessions WHERE ended_at IS NULL")]
        return [
            f"{terminal.account.name} ({terminal.store.state})"
            for terminal in self.terminals
            if not terminal.live or terminal.rows() != seen_by(terminal.account.id, held)
        ]


@asynccontextmanager
async def open_floor(database: str, bug: str = "none") -> AsyncIterator[Floor]:
    with ExitStack() as stack:
        crews = [MECHANICS, *[0] * (BACKENDS - 1)]
        backends = [stack.enter_context(BackendProcess(database, crew, bug=bug)) for crew in crews]
        await asyncio.gather(*(backend.start() for backend in backends))
        reader = engine_of(database).open_reader()
        stack.callback(reader.close)
        async with balancer([backend.port for backend in backends]) as door, wishes([door], 5) as asking:
            who = list(itertools.islice(itertools.cycle(backends[0].crew), TERMINALS))
            async with following(door.url, who) as terminals:
                floor = Floor(database, backends, asking, terminals, reader)
                working = asyncio.create_task(floor.work())
                yield floor
                assert not working.done(), working.exception()
                working.cancel()
                await asyncio.gather(working, return_exceptions=True)


async def test_every_terminal_is_the_database_soon_after_each_heal(postgres: PostgresServer, tally: Tally) -> None:
    chance = random.Random(6)
    with postgres.database() as database:
        async with open_floor(database) as floor:
            for kill in range(1, KILLS + 1):
                started = asyncio.get_running_loop().time()
                assert await floor.kill_and_heal(chance.choice(floor.backends)) == [], f"after kill {kill}"
                worst = round(1000 * max(floor.seconds))
                tally.progress(kill, KILLS, wishes=len(floor.wishes.answers), ms_at_worst=worst)
                await asyncio.sleep(started + EVERY_SECONDS - asyncio.get_running_loop().time())
            assert disagreements(floor.wishes.answers, facts_in(database)) == []
            assert findings(floor.reader) == {}
    what = "three backends, one killed every few seconds"
    tally.add(what, kills=KILLS, terminals_judged=KILLS * TERMINALS, answers_checked=len(floor.wishes.answers))
    tally.note(f"{what}: all terminals agree {_figures(floor.seconds)} after each heal")


def _figures(seconds: list[float]) -> str:
    return f"{statistics.median(seconds):.2f} s (median), {max(seconds):.2f} s (worst)"


@pytest.mark.planted
async def test_backends_that_hear_only_themselves_are_found(postgres: PostgresServer) -> None:
    with postgres.database() as database:
        async with open_floor(database, "deaf") as floor:
            floor.go.set()
            await asyncio.sleep(1)
            floor.go.clear()
            assert await floor.agree(2.0) != []
