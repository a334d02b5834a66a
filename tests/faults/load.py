"""A shop at full work while something dies again and again, and the judgement of what it was told."""

import asyncio
import itertools
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from mechtui.server.accounts import NewAccount
from mechtui.server.db.connection import Connection
from mechtui.server.db.engine import engine_of
from tests.faults.order import disagreements
from tests.faults.process import BackendProcess, facts_in
from tests.faults.tally import Tally
from tests.faults.wishes import Wishes, wishes
from tests.rules.audit import findings

MECHANICS = 8
DESKS = 4
OPEN_REQUESTS = 40
LIVELY = 5
"""So many answers come between two blows, so that each meets a shop at work."""


@dataclass
class Load:
    """Mechanics who take a request, end it and take the next, and desks that see to it that there are some.

    `exits` are those of the backends, once they were told to end.
    """

    wishes: Wishes
    crew: Sequence[NewAccount]
    desk: NewAccount
    seed: int
    open_ids: list[str] = field(default_factory=list)
    submitted: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    over: bool = False
    exits: list[int] = field(default_factory=list)

    @property
    def won(self) -> int:
        return sum((answer.wish, answer.said) == ("accept", "done") for answer in self.wishes.answers)

    async def run(self) -> None:
        """Until it is `over`."""
        await asyncio.gather(*map(self._fill_the_queue, range(DESKS)), *map(self._work, self.crew))

    async def lively(self, seconds: float) -> None:
        """Wait so long, and until answers came; not where it is known already that something is wrong."""
        enough = len(self.wishes.answers) + LIVELY
        await asyncio.sleep(seconds)
        async with asyncio.timeout(120):
            while len(self.wishes.answers) < enough and not self.refused:  # noqa: ASYNC110 - others are waited for
                await asyncio.sleep(0.005)

    async def _fill_the_queue(self, desk: int) -> None:
        for number in itertools.count():
            while len(self.open_ids) >= OPEN_REQUESTS and not self.over:  # noqa: ASYNC110 - until others took some
                await asyncio.sleep(0.002)
            if self.over:
                return
            wish = {"type": "chat", "name": f"Jo {desk}.{number}", "concern": "It stalls."}
            answer = await self.wishes.settled("/api/intakes", self.desk.token, wish)
            if answer.status_code != 201:
                self.refused.append(f"the request of {wish['name']}: {answer.status_code} {answer.text}")
                return
            self.submitted.append(wish["name"])
            self.open_ids.append(answer.json()["session"]["id"])

    async def _work(self, me: NewAccount) -> None:
        chance = random.Random(f"{self.seed} {me.name}")
        while not self.over:
            if not self.open_ids:
                await asyncio.sleep(0.002)
                continue
            session = chance.choice(self.open_ids)
            said = await self.wishes.ask(me, "accept", session)
            if session in self.open_ids:
                self.open_ids.remove(session)
            if said == "done":
                await self.wishes.ask(me, "end", session)

    def wrong(self, database: str) -> list[str]:
        """Every promise that was broken, of what was told here and is there."""
        reader = engine_of(database).open_reader()
        try:
            stored = list(self._wrong_in(reader))
        finally:
            reader.close()
        return self.refused + stored + disagreements(self.wishes.answers, facts_in(database))

    def _wrong_in(self, reader: Connection) -> Iterator[str]:
        stored = Counter(name for (name,) in reader.execute("SELECT name FROM intakes"))
        for name in self.submitted:
            if stored[name] != 1:
                yield f"the request of {name} is there {stored[name]} times"
        for name, rows in findings(reader).items():
            yield f"{name}: {rows}"

    def count(self, tally: Tally, what: str, **numbers: int) -> None:
        """Note what this run did."""
        answers, repeated = len(self.wishes.answers), self.wishes.repeated
        tally.add(what, **numbers, accepted=self.won, answers_checked=answers, asked_again=repeated)


@asynccontextmanager
async def at_work(backends: Sequence[BackendProcess], seed: int) -> AsyncIterator[Load]:
    """A shop at work at these backends, the first of which knows its people; it finishes when the block ends."""
    await asyncio.gather(*(backend.start() for backend in backends))
    async with wishes(backends, seed) as asking:
        load = Load(asking, backends[0].crew, backends[0].desk, seed)
        working = asyncio.create_task(load.run())
        try:
            yield load
            load.over = True
            await working
        finally:
            working.cancel()
            await asyncio.gather(working, return_exceptions=True)
    load.exits += [backend.stop() for backend in backends]


async def under_blows(
    load: Load, blow: Callable[[], Awaitable[None]], blows: int, tally: Tally, pause: tuple[float, float]
) -> None:
    """Strike so often, each time a while after the shop is at work again; it is once more at the end."""
    chance = random.Random(load.seed)
    for struck in range(1, blows + 1):
        await load.lively(chance.uniform(*pause))
        await blow()
        tally.progress(struck, blows, accepted=load.won)
    await load.lively(0)
