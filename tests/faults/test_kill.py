"""The backend is killed in the middle of its work, again and again, while mechanics accept and end."""

import asyncio
import itertools
import random
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from mechtui.server.accounts import NewAccount
from mechtui.server.db.connection import Connection
from mechtui.server.db.sqlite.connection import open_reader
from tests.faults import LARGE
from tests.faults.process import BackendProcess, post
from tests.rules.audit import findings
from tests.server.support import database_url

MECHANICS = 8
DESKS = 4
KILLS = 200 if LARGE else 20
OPEN_REQUESTS = 40
PATIENCE = 500
"""Tries after which a write that gets no answer is called stuck."""


@dataclass
class Attempt:
    """One accept as its mechanic knows it, from the first try to the answer that settled it."""

    mechanic: str
    session_id: str
    status: int = 0
    tries: int = 0


@dataclass
class Load:
    """Mechanics and a desk at work. A write without an answer is repeated under its key until it has one."""

    backend: BackendProcess
    http: httpx.AsyncClient
    attempts: list[Attempt] = field(default_factory=list)
    open_ids: list[str] = field(default_factory=list)
    submitted: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    over: bool = False

    async def settled(self, path: str, token: str, body: dict[str, str]) -> tuple[httpx.Response, int]:
        """The answer of a write, and how often it had to be asked."""
        key, tries = str(uuid.uuid4()), 0
        while True:
            tries += 1
            try:
                answer = await post(self.http, path, token, body, key)
            except httpx.TransportError:
                await asyncio.sleep(0.02)
                continue
            unsettled = answer.status_code >= 500 or answer.json().get("code") == "IN_FLIGHT"
            if not unsettled or tries > PATIENCE:
                return answer, tries

    async def fill_the_queue(self, desk: int) -> None:
        for number in itertools.count():
            while len(self.open_ids) >= OPEN_REQUESTS and not self.over:  # noqa: ASYNC110 - until others took some
                await asyncio.sleep(0.002)
            if self.over:
                return
            wish = {"type": "chat", "name": f"Jo {desk}.{number}", "concern": "It stalls."}
            answer, _ = await self.settled("/api/intakes", self.backend.desk.token, wish)
            if answer.status_code != 201:
                self.wrong.append(f"the request of {wish['name']} was never settled: {answer.text}")
                return
            self.submitted.append(wish["name"])
            self.open_ids.append(answer.json()["session"]["id"])

    async def work(self, mechanic: NewAccount, chance: random.Random) -> None:
        while not self.over:
            if not self.open_ids:
                await asyncio.sleep(0.002)
                continue
            session_id = self.open_ids[chance.randrange(len(self.open_ids))]
            attempt = Attempt(mechanic.id, session_id)
            answer, attempt.tries = await self.settled(
                "/api/mechanic/accept", mechanic.token, {"requestId": session_id}
            )
            attempt.status = answer.status_code
            self.attempts.append(attempt)
            if session_id in self.open_ids:
                self.open_ids.remove(session_id)
            if answer.status_code == 200:
                ended, _ = await self.settled(f"/api/sessions/{session_id}/end", mechanic.token, {"reason": ""})
                if ended.status_code != 200:
                    self.wrong.append(f"{attempt} could not be ended: {ended.text}")


async def run_under_kills(backend: BackendProcess, kills: int, seed: int) -> Load:
    """Kill and restart the backend `kills` times under load; returns what the mechanics know."""
    chance = random.Random(seed)
    await backend.start()
    async with httpx.AsyncClient(base_url=backend.url, trust_env=False, timeout=30) as http:
        load = Load(backend, http)
        crew = [load.work(mechanic, random.Random(f"{seed} {mechanic.name}")) for mechanic in backend.crew]
        working = asyncio.gather(*(load.fill_the_queue(desk) for desk in range(DESKS)), *crew)
        for _ in range(kills):
            await asyncio.sleep(chance.uniform(0.05, 0.3))
            backend.kill()
            await backend.start()
        load.over = True
        await asyncio.wait_for(working, 60)
    backend.stop()
    return load


def wrong_in(load: Load, reader: Connection) -> Iterator[str]:
    """Every promise that was broken."""
    yield from load.wrong
    accepted = reader.execute("SELECT session_id, mechanic_id FROM events WHERE kind = 'accepted'").fetchall()
    held = set(accepted)
    for attempt in load.attempts:
        had = (attempt.session_id, attempt.mechanic) in held
        if attempt.status == 200 and not had:
            yield f"{attempt} was told it is his, and the database knows nothing of it"
        if attempt.status != 200 and had:
            yield f"{attempt} was told no, and has it"
    if len(held) != len(accepted):
        yield "a session was accepted twice"
    stored = Counter(name for (name,) in reader.execute("SELECT name FROM intakes"))
    for name in load.submitted:
        if stored[name] != 1:
            yield f"the request of {name} is there {stored[name]} times"
    for name, rows in findings(reader).items():
        yield f"{name}: {rows}"


def judged(load: Load) -> list[str]:
    reader = open_reader(load.backend.path)
    try:
        return list(wrong_in(load, reader))
    finally:
        reader.close()


async def test_nothing_acknowledged_is_lost(tmp_path: Path) -> None:
    with BackendProcess(database_url(tmp_path / "shop.db"), MECHANICS) as backend:
        load = await run_under_kills(backend, KILLS, seed=1)
    assert judged(load) == []
    won = [attempt for attempt in load.attempts if attempt.status == 200]
    assert len(won) > KILLS
    assert any(attempt.tries > 1 for attempt in won), "no accept was cut off: the kills proved nothing"


@pytest.mark.parametrize("bug", ["answer-before-commit", "forget-answers"])
async def test_the_kills_catch_a_planted_bug(tmp_path: Path, bug: str) -> None:
    with BackendProcess(database_url(tmp_path / "shop.db"), MECHANICS, bug=bug) as backend:
        load = await run_under_kills(backend, 8, seed=2)
    assert judged(load) != []
