"""Sixteen mechanics press accept on the same request at the same instant, over and over."""

import asyncio
import random
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from mechtui.server.accounts import NewAccount
from mechtui.server.db.sqlite.connection import open_reader
from tests.faults import LARGE
from tests.faults.order import Answer, disagreements
from tests.faults.process import BackendProcess, facts_in, post, said_in, submit
from tests.rules.audit import findings
from tests.server.support import database_url

MECHANICS = 16
REQUESTS = 40_000 if LARGE else 300
WANTED = 12
WISHES = 60


@dataclass
class Verdict:
    """What was wrong, request by request, and every answer for a judgement of the whole."""

    races: int = 0
    wrong: list[str] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)

    async def ask(self, http: httpx.AsyncClient, mechanic: NewAccount, wish: str, session_id: str) -> httpx.Response:
        """One wish, noted with its answer and its times."""
        accept = wish == "accept"
        path = "/api/mechanic/accept" if accept else f"/api/sessions/{session_id}/{wish}"
        began = time.perf_counter()
        answer = await post(http, path, mechanic.token, {"requestId": session_id} if accept else {"reason": ""})
        said, of = said_in(answer)
        self.answers.append(Answer(wish, mechanic.id, session_id, began, time.perf_counter(), said, of))
        return answer


async def race(backend: BackendProcess, http: httpx.AsyncClient, verdict: Verdict) -> None:
    """One request, all mechanics at once. Then the winner ends, so that all are free again."""
    session_id = await submit(http, backend.desk.token, "Jo")
    answers = await asyncio.gather(*(verdict.ask(http, one, "accept", session_id) for one in backend.crew))
    verdict.races += 1
    winners = [mechanic for mechanic, answer in zip(backend.crew, answers, strict=True) if answer.status_code == 200]
    if len(winners) != 1:
        verdict.wrong.append(f"{session_id}: {len(winners)} winners")
    holder = _holder(backend, session_id)
    for mechanic, answer in zip(backend.crew, answers, strict=True):
        said = answer.json()
        if answer.status_code == 200:
            if holder != mechanic.id:
                verdict.wrong.append(f"{session_id}: {mechanic.name} was told it is his, but {holder} has it")
        elif answer.status_code != 409 or said["code"] != "ALREADY_TAKEN" or said["by"]["id"] != holder:
            verdict.wrong.append(f"{session_id}: {mechanic.name} lost and was told {said}")
    for winner in winners:
        await verdict.ask(http, winner, "end", session_id)


def _holder(backend: BackendProcess, session_id: str) -> object:
    reader = open_reader(backend.path)
    try:
        return reader.execute("SELECT mechanic_id FROM sessions WHERE id = ?", (session_id,)).fetchall()[0][0]
    finally:
        reader.close()


async def run_races(backend: BackendProcess, requests: int) -> Verdict:
    verdict = Verdict()
    limits = httpx.Limits(max_connections=MECHANICS + 1)
    async with httpx.AsyncClient(base_url=backend.url, trust_env=False, limits=limits, timeout=30) as http:
        for _ in range(requests):
            await race(backend, http, verdict)
    return verdict


async def test_exactly_one_wins_and_every_loser_is_told_the_truth(tmp_path: Path) -> None:
    with BackendProcess(database_url(tmp_path / "shop.db"), MECHANICS) as backend:
        await backend.start()
        verdict = await run_races(backend, REQUESTS)
        status = backend.stop()
    assert verdict.races == REQUESTS
    assert verdict.wrong == []
    assert disagreements(verdict.answers, facts_in(backend.database)) == []
    assert status == 0
    reader = open_reader(backend.path)
    assert findings(reader) == {}
    assert reader.execute("SELECT count(*) FROM events WHERE kind = 'accepted'").fetchall() == [(REQUESTS,)]
    reader.close()


async def test_the_race_catches_an_accept_that_reads_then_updates(tmp_path: Path) -> None:
    with BackendProcess(database_url(tmp_path / "shop.db"), MECHANICS, bug="read-then-update") as backend:
        await backend.start()
        verdict = await run_races(backend, 20)
    assert len(verdict.wrong) > 20
    assert disagreements(verdict.answers, facts_in(backend.database))


async def work(backend: BackendProcess, http: httpx.AsyncClient, verdict: Verdict, seed: int) -> None:
    """Mechanics who take, give back and end the same few sessions, all at once and as they like."""
    sessions = [await submit(http, backend.desk.token, f"Jo {n}") for n in range(WANTED)]

    async def mechanic(me: NewAccount) -> None:
        chance = random.Random(f"{seed} {me.name}")
        mine = ""
        for _ in range(WISHES):
            wish = "accept" if not mine or chance.random() < 0.2 else chance.choice(("release", "release", "end"))
            session_id = chance.choice([one for one in sessions if one != mine]) if wish == "accept" else mine
            answer = await verdict.ask(http, me, wish, session_id)
            if answer.status_code == 200:
                mine = session_id if wish == "accept" else ""

    await asyncio.gather(*(mechanic(me) for me in backend.crew))


@pytest.mark.parametrize("seed", range(200 if LARGE else 3))
async def test_all_answers_could_have_been_given_one_after_the_other(tmp_path: Path, seed: int) -> None:
    """Strict serialisability of everything that was answered."""
    verdict = Verdict()
    with BackendProcess(database_url(tmp_path / "shop.db"), 8) as backend:
        await backend.start()
        async with httpx.AsyncClient(base_url=backend.url, trust_env=False, timeout=30) as http:
            await work(backend, http, verdict, seed)
        backend.stop()
    assert {answer.said for answer in verdict.answers} >= {"done", "taken", "busy"}
    assert disagreements(verdict.answers, facts_in(backend.database)) == []


@pytest.mark.parametrize("clients", [8])
async def test_one_mechanic_at_many_terminals_is_one_mechanic(tmp_path: Path, clients: int) -> None:
    """The same mechanic accepts different requests at once: he gets one, and is told which."""
    with BackendProcess(database_url(tmp_path / "shop.db"), 1) as backend:
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
