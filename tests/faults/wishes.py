"""Writes of mechanics and desks that are asked until they are answered, and the answers, for the checker."""

import asyncio
import random
import time
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Protocol

import httpx

from mechtui.server.accounts import NewAccount
from tests.faults.order import Answer
from tests.faults.process import post, said_in

STUCK_SECONDS = 120.0
"""A write that has no answer after so long will never have one."""
PAUSE_SECONDS = 0.01


class Asked(Protocol):
    """A backend, or a balancer before several."""

    @property
    def url(self) -> str:
        """Its address."""
        ...


@dataclass
class Wishes:
    """What is asked of any of these backends. `repeated` counts writes that had to be asked more than once."""

    http: httpx.AsyncClient
    backends: Sequence[Asked]
    chance: random.Random
    answers: list[Answer] = field(default_factory=list)
    repeated: int = 0

    async def settled(self, path: str, token: str, body: dict[str, str]) -> httpx.Response:
        """The answer to a write, asked under one key at one backend after the other until it is known."""
        key, tries = str(uuid.uuid4()), 0
        async with asyncio.timeout(STUCK_SECONDS):
            while (answer := await self._try(path, token, body, key)) is None:
                tries += 1
                await asyncio.sleep(PAUSE_SECONDS)
        self.repeated += tries > 0
        return answer

    async def ask(self, me: NewAccount, wish: str, session: str) -> str:
        """One wish of a mechanic; what he was told, in the checker's words."""
        accept = wish == "accept"
        path = "/api/mechanic/accept" if accept else f"/api/sessions/{session}/{wish}"
        began = time.perf_counter()
        answer = await self.settled(path, me.token, {"requestId": session} if accept else {"reason": ""})
        said, of = said_in(answer)
        self.answers.append(Answer(wish, me.id, session, began, time.perf_counter(), said, of))
        return said

    async def _try(self, path: str, token: str, body: dict[str, str], key: str) -> httpx.Response | None:
        """One try; nothing unless the answer says what became of the write. A 500 is an answer: it must never come."""
        try:
            answer = await post(self.http, self.chance.choice(self.backends).url + path, token, body, key)
        except httpx.TransportError:
            return None
        unsettled = answer.status_code == 503 or (answer.status_code == 409 and answer.json()["code"] == "IN_FLIGHT")
        return None if unsettled else answer


@asynccontextmanager
async def wishes(backends: Sequence[Asked], seed: int, seconds: float = 5.0) -> AsyncIterator[Wishes]:
    """Wishes of one run; a try waits so many seconds for its answer."""
    limits = httpx.Limits(max_connections=128)
    async with httpx.AsyncClient(trust_env=False, timeout=seconds, limits=limits) as http:
        yield Wishes(http, backends, random.Random(seed))
