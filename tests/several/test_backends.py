"""Three backends serve one database: whichever one asks, it is one shop, and one that dies takes nothing with it."""

import asyncio
import contextlib
import itertools
import random
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
import pytest

from mechtui.server.accounts import NewAccount
from mechtui.server.db import outbox
from mechtui.server.db.engine import engine_of
from mechtui.server.db.postgres.serving import ServingConnection
from tests.engines import PostgresServer
from tests.faults import LARGE
from tests.faults.order import Answer, disagreements
from tests.faults.process import BackendProcess, facts_in, submit
from tests.faults.tally import Tally
from tests.faults.wishes import Wishes, wishes
from tests.rules.audit import findings
from tests.server.live import Shop, open_shop

BACKENDS = 3
WISHES = 400 if LARGE else 60
WANTED = 10
TRY_SECONDS = 2.0
"""How long one backend is waited for before another one is asked: one that hangs holds nobody up."""
AGREE_SECONDS = 10.0
"""A limit for a busy machine; how long it takes is not judged here."""


@pytest.fixture
def shared(postgres: PostgresServer) -> Iterator[str]:
    """The address of a database that several backends can serve."""
    with postgres.database() as url:
        yield url


# --- in one process -------------------------------------------------------------------------------------------------


async def shown(shop: Shop, token: str) -> dict[str, str]:
    """What a terminal at this backend would show: sessions and their status."""
    answer = await shop.get("/api/mechanic/snapshot", token)
    return {row["id"]: row["status"] for row in answer.json()["sessions"]}


async def until(shop: Shop, token: str, expected: dict[str, str]) -> None:
    async with asyncio.timeout(AGREE_SECONDS):
        while await shown(shop, token) != expected:  # noqa: ASYNC110 - another process is waited for
            await asyncio.sleep(0.01)


async def test_what_happens_at_one_is_known_at_the_other(shared: str) -> None:
    async with open_shop(shared) as one, open_shop(shared) as other:
        session_id = await one.submit()
        await until(other, one.bob.token, {session_id: "pending"})
        taken = await other.accept(session_id, one.bob.token)
        assert taken.status_code == 200
        late = await one.accept(session_id, one.ann.token)
        assert (late.status_code, late.json()["by"]["name"]) == (409, "Bob")
        await until(one, one.ann.token, {})
        await until(one, one.bob.token, {session_id: "waiting"})


async def test_one_key_is_one_wish_at_whichever_backend(shared: str) -> None:
    async with open_shop(shared) as one, open_shop(shared) as other:
        session_id, key = await one.submit(), str(uuid.uuid4())
        wish = {"requestId": session_id}
        first, again = await asyncio.gather(
            *(s.call("POST", "/api/mechanic/accept", one.ann.token, wish, Idempotency_Key=key) for s in (one, other))
        )
        assert first.status_code == again.status_code == 200
        assert {"Idempotent-Replayed" in answer.headers for answer in (first, again)} == {True, False}


async def test_a_backend_that_was_away_for_too_long_begins_anew(shared: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it missed is no longer in the outbox: it reads what is open, and lets its terminals come back."""
    async with open_shop(shared) as one, open_shop(shared) as other:
        with monkeypatch.context() as away:
            away.setattr(outbox, "after", lambda connection, seq: [])
            missed = await one.submit()
            await one.backend.store.run(lambda tx: outbox.forget(tx, "9999"))
        later = await one.submit()
        await until(other, one.ann.token, {missed: "pending", later: "pending"})


async def test_a_turn_in_which_nothing_happens_is_taken_away(shared: str) -> None:
    """A backend that hangs in the middle of a transaction has the head of the feed locked for all."""
    async with open_shop(shared) as shop:
        hanging = ServingConnection(shared)
        hanging.begin()
        session_id = await shop.submit()
        await until(shop, shop.ann.token, {session_id: "pending"})
        hanging.close()


# --- processes that are killed --------------------------------------------------------------------------------------


@dataclass
class Fleet:
    """The backends, and mechanics who ask whichever of them they like."""

    backends: list[BackendProcess]
    database: str
    wishes: Wishes
    killed: int = 0

    @property
    def answers(self) -> list[Answer]:
        return self.wishes.answers

    @property
    def crew(self) -> list[NewAccount]:
        return self.backends[0].crew

    async def requests(self) -> list[str]:
        """What the mechanics will want."""
        one = self.backends[0]
        return [await submit(self.wishes.http, one.desk.token, f"Jo {n}", one.url) for n in range(WANTED)]

    async def work(self, seed: int, wanted: list[str]) -> None:
        """Mechanics who take, give back and end the same sessions, all at once and as they like."""
        chances = [random.Random(f"{seed} {me.name}") for me in self.crew]
        await asyncio.gather(*(self._mechanic(*of, wanted) for of in zip(chances, self.crew, strict=True)))

    async def _mechanic(self, chance: random.Random, me: NewAccount, wanted: list[str]) -> None:
        mine = ""
        for _ in range(WISHES):
            wish = "accept" if not mine or chance.random() < 0.2 else chance.choice(("release", "release", "end"))
            session = chance.choice([one for one in wanted if one != mine]) if wish == "accept" else mine
            if await self.wishes.ask(me, wish, session) == "done":
                mine = session if wish == "accept" else ""

    async def kill_one_after_the_other(self, chance: random.Random) -> None:
        """For ever: one backend dies without a word, and comes back."""
        while True:
            await asyncio.sleep(chance.uniform(0.2, 0.6))
            victim = chance.choice(self.backends)
            victim.kill()
            self.killed += 1
            await victim.start()

    async def differing(self) -> list[str]:
        """Whose terminal, at which backend, would not show what the database holds."""
        pairs = list(itertools.product(self.backends, self.crew))
        async with httpx.AsyncClient(trust_env=False, timeout=5) as http:
            shown = await asyncio.gather(*(_shown(http, *pair) for pair in pairs), return_exceptions=True)
        truth = {me.name: self.truth(me) for me in self.crew}
        return [
            f"{me.name} at {at.port}" for (at, me), rows in zip(pairs, shown, strict=True) if rows != truth[me.name]
        ]

    def truth(self, me: NewAccount) -> set[tuple[str, str, int]]:
        sql = (
            "SELECT id, status, version FROM sessions "
            "WHERE status = 'pending' OR (mechanic_id = ? AND ended_at IS NULL)"
        )
        return {(str(row[0]), str(row[1]), int(str(row[2]))) for row in self.read(sql, (me.id,))}

    def read(self, sql: str, params: tuple[str, ...] = ()) -> list[tuple[object, ...]]:
        reader = engine_of(self.database).open_reader()
        try:
            return list(reader.execute(sql, params))
        finally:
            reader.close()


async def _shown(http: httpx.AsyncClient, backend: BackendProcess, me: NewAccount) -> set[tuple[str, str, int]]:
    """What his terminal at this backend would hold; a backend that waits for what it never hears does not answer."""
    headers = {"Authorization": f"Bearer {me.token}"}
    told = (await http.get(f"{backend.url}/api/mechanic/snapshot", headers=headers)).json()
    return {(row["id"], row["status"], row["version"]) for row in told["sessions"]}


@asynccontextmanager
async def fleet(database: str, seed: int, bug: str = "none") -> AsyncIterator[Fleet]:
    with contextlib.ExitStack() as stack:
        first = stack.enter_context(BackendProcess(database, 6, bug=bug))
        others = [stack.enter_context(BackendProcess(database, 0, bug=bug)) for _ in range(BACKENDS - 1)]
        backends = [first, *others]
        await asyncio.gather(*(backend.start() for backend in backends))
        async with wishes(backends, seed, TRY_SECONDS) as asking:
            yield Fleet(backends, database, asking)


async def agreed(run: Fleet, seconds: float = AGREE_SECONDS) -> list[str]:
    """Wait until every backend shows what is there; whose does not in time."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while await run.differing():  # noqa: ASYNC110 - other processes are waited for
                await asyncio.sleep(0.05)
    return await run.differing()


@pytest.mark.parametrize("bug", ["none", "unwoken"])
async def test_every_backend_tells_the_same_story(shared: str, bug: str) -> None:
    """Also when no hint ever comes."""
    async with fleet(shared, 1, bug) as run:
        await run.work(1, await run.requests())
        assert await agreed(run) == []
        assert disagreements(run.answers, facts_in(run.database)) == []


@pytest.mark.planted
async def test_a_backend_that_hears_only_itself_is_found(shared: str) -> None:
    async with fleet(shared, 2, "deaf") as run:
        await run.work(2, await run.requests())
        assert await run.differing() != []


async def test_a_backend_that_hangs_holds_nobody_up(shared: str) -> None:
    """It may hang in the middle of a transaction: the server takes that from it, and the others go on."""
    async with fleet(shared, 3) as run:
        working = asyncio.create_task(run.work(3, await run.requests()))
        for backend in run.backends:
            await asyncio.sleep(0.2)
            backend.pause()
            await asyncio.sleep(1.0)
            before = len(run.answers)
            await asyncio.sleep(2.5)
            assert len(run.answers) > before or working.done()
            backend.go_on()
        await working
        assert await agreed(run) == []
        assert disagreements(run.answers, facts_in(run.database)) == []


@pytest.mark.parametrize("seed", range(50 if LARGE else 2))
async def test_backends_that_are_killed_lose_nothing(shared: str, seed: int, tally: Tally) -> None:
    async with fleet(shared, seed) as run:
        wanted = await run.requests()
        killing = asyncio.create_task(run.kill_one_after_the_other(random.Random(seed)))
        await run.work(seed, wanted)
        killing.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await killing
        await asyncio.gather(*(backend.start() for backend in run.backends if not backend.is_running()))
        assert run.killed > 0
        assert await agreed(run) == []
        assert disagreements(run.answers, facts_in(run.database)) == []
        reader = engine_of(shared).open_reader()
        assert findings(reader) == {}
        reader.close()
        tally.add(
            "three backends, one killed after the other", seeds=1, kills=run.killed, answers_checked=len(run.answers)
        )
