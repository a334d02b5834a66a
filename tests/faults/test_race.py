"""Sixteen mechanics press accept on the same request at the same instant, over and over."""

import asyncio
import random
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx
import pytest

from mechtui.server.accounts import NewAccount
from mechtui.server.db.connection import Connection
from mechtui.server.db.engine import engine_of
from tests.engines import kind_of
from tests.faults import LARGE
from tests.faults.bare_line import BareLine
from tests.faults.order import Answer, disagreements
from tests.faults.process import BackendProcess, facts_in, post, said_in, submit
from tests.faults.tally import Tally
from tests.rules.audit import findings

MECHANICS = 16
REQUESTS = {"SQLite": 40_000 if LARGE else 300, "PostgreSQL": 4_000 if LARGE else 100}
SEEDS = range(200 if LARGE else 3)
WANTED = 12
WISHES = 60


@dataclass(frozen=True)
class Terminal:
    """A mechanic with a line of his own."""

    me: NewAccount
    line: BareLine


@dataclass
class Verdict:
    """What was wrong, request by request, and every answer for a judgement of the whole."""

    reader: Connection
    wrong: list[str] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)

    async def ask(self, at: Terminal, wish: str, session_id: str) -> httpx.Response:
        """One wish, noted with its answer and its times."""
        accept = wish == "accept"
        path = "/api/mechanic/accept" if accept else f"/api/sessions/{session_id}/{wish}"
        began = time.perf_counter()
        answer = await at.line.post(path, at.me.token, {"requestId": session_id} if accept else {"reason": ""})
        said, of = said_in(answer)
        self.answers.append(Answer(wish, at.me.id, session_id, began, time.perf_counter(), said, sys.intern(of)))
        return answer

    def judge(self, session_id: str, told: dict[str, httpx.Response]) -> None:
        """Whether one has it, by the database, and every mechanic was told so."""
        sql = "SELECT mechanic_id FROM sessions WHERE id = ?"
        holder = str(self.reader.execute(sql, (session_id,)).fetchall()[0][0])
        winners = [me for me, answer in told.items() if answer.status_code == 200]
        if winners != [holder]:
            self.wrong.append(f"{session_id}: {holder} has it, and these were told it is theirs: {winners}")
        for me, answer in told.items():
            if me not in winners and said_in(answer) != ("taken", holder):
                self.wrong.append(f"{session_id}: {me} lost to {holder} and was told {answer.text}")


@dataclass
class Track:
    """A backend, and everybody at his terminal; a desk's requests go over a line of their own."""

    backend: BackendProcess
    desk: httpx.AsyncClient
    terminals: list[Terminal]
    verdict: Verdict

    async def submit(self, name: str) -> str:
        return await submit(self.desk, self.backend.desk.token, name)

    async def race(self) -> None:
        """One request, all mechanics at once. Then the winner ends, so that all are free again."""
        session_id = await self.submit("Jo")
        told = await asyncio.gather(*(self.verdict.ask(one, "accept", session_id) for one in self.terminals))
        self.verdict.judge(session_id, dict(zip((one.me.id for one in self.terminals), told, strict=True)))
        for one, answer in zip(self.terminals, told, strict=True):
            if answer.status_code == 200:
                await self.verdict.ask(one, "end", session_id)


@asynccontextmanager
async def track_of(backend: BackendProcess) -> AsyncIterator[Track]:
    """A running backend with all its mechanics connected."""
    await backend.start()
    lines = [await BareLine.open(backend.port) for _ in backend.crew]
    reader = engine_of(backend.database).open_reader()
    async with httpx.AsyncClient(base_url=backend.url, trust_env=False, timeout=30) as desk:
        yield Track(backend, desk, list(map(Terminal, backend.crew, lines)), Verdict(reader))
    reader.close()
    for line in lines:
        await line.close()


async def run_races(backend: BackendProcess, requests: int, tally: Tally) -> Verdict:
    async with track_of(backend) as track:
        for number in range(requests):
            await track.race()
            tally.progress(number, requests, answers=len(track.verdict.answers), wrong=len(track.verdict.wrong))
    return track.verdict


async def test_exactly_one_wins_and_every_loser_is_told_the_truth(database: str, tally: Tally) -> None:
    requests = REQUESTS[kind_of(database)]
    with BackendProcess(database, MECHANICS) as backend:
        verdict = await run_races(backend, requests, tally)
        assert backend.stop() == 0
    assert sum(answer.wish == "accept" for answer in verdict.answers) == requests * MECHANICS
    assert verdict.wrong == []
    assert disagreements(verdict.answers, facts_in(database)) == []
    reader = engine_of(database).open_reader()
    assert findings(reader) == {}
    assert reader.execute("SELECT count(*) FROM events WHERE kind = 'accepted'").fetchall() == [(requests,)]
    reader.close()
    tally.add(f"races for a request, {kind_of(database)}", requests=requests, accepts_checked=requests * MECHANICS)


@pytest.mark.planted
async def test_the_race_catches_an_accept_that_reads_then_updates(database: str, tally: Tally) -> None:
    with BackendProcess(database, MECHANICS, bug="read-then-update") as backend:
        verdict = await run_races(backend, 20, tally)
    assert len(verdict.wrong) > 10, "most races have more than one winner; on a busy machine one may see the first"
    assert disagreements(verdict.answers, facts_in(database))


async def work(track: Track, seed: int) -> None:
    """Mechanics who take, give back and end the same few sessions, all at once and as they like."""
    sessions = [await track.submit(f"Jo {n}") for n in range(WANTED)]

    async def mechanic(at: Terminal) -> None:
        chance = random.Random(f"{seed} {at.me.name}")
        mine = ""
        for _ in range(WISHES):
            wish = "accept" if not mine or chance.random() < 0.2 else chance.choice(("release", "release", "end"))
            session_id = chance.choice([one for one in sessions if one != mine]) if wish == "accept" else mine
            answer = await track.verdict.ask(at, wish, session_id)
            if answer.status_code == 200:
                mine = session_id if wish == "accept" else ""

    await asyncio.gather(*map(mechanic, track.terminals))


@pytest.mark.parametrize("seed", SEEDS)
async def test_all_answers_could_have_been_given_one_after_the_other(database: str, seed: int, tally: Tally) -> None:
    """Strict serialisability of everything that was answered."""
    with BackendProcess(database, 8) as backend:
        async with track_of(backend) as track:
            await work(track, seed)
        backend.stop()
    verdict = track.verdict
    assert {answer.said for answer in verdict.answers} >= {"done", "taken"}
    assert disagreements(verdict.answers, facts_in(database)) == []
    tally.add(f"answers in one order, {kind_of(database)}", seeds=1, answers_checked=len(verdict.answers))


@pytest.mark.parametrize("clients", [8])
async def test_one_mechanic_at_many_terminals_is_one_mechanic(database: str, clients: int) -> None:
    """The same mechanic accepts different requests at once: he gets one, and is told which."""
    with BackendProcess(database, 1) as backend:
        await backend.start()
        mechanic = backend.crew[0]
        async with httpx.AsyncClient(base_url=backend.url, trust_env=False) as http:
            ids = [await submit(http, backend.desk.token, f"Jo {n}") for n in range(clients)]
            answers = await asyncio.gather(
                *(post(http, "/api/mechanic/accept", mechanic.token, {"requestId": one}) for one in ids)
            )
    won = [one for one, answer in zip(ids, answers, strict=True) if answer.status_code == 200]
    assert len(won) == 1
    lost = [answer.json() for answer in answers if answer.status_code != 200]
    assert {(said["code"], said["session_id"]) for said in lost} == {("MECHANIC_HAS_ACTIVE_SESSION", won[0])}
