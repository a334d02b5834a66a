"""A new version takes the place of an old one, backend by backend, and goes again, while a terminal is attached."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, aclosing, asynccontextmanager, closing

import httpx
import pytest

from mechtui.api_client import MechanicClient
from mechtui.feed import Feed
from mechtui.replica import LinkChanged, LinkState, Replica
from mechtui.server.db.engine import engine_of
from tests.engines import PostgresServer
from tests.faults.planted import MADE_UP_VERSION
from tests.faults.process import BackendProcess, submit

AGREE_SECONDS = 60.0
"""A limit for a busy machine; how long it takes is not judged here."""


@pytest.fixture
def shared(postgres: PostgresServer) -> Iterator[str]:
    with postgres.database() as url:
        yield url


class Attached:
    """A terminal of a mechanic at one backend, from beginning to end."""

    def __init__(self, at: BackendProcess) -> None:
        self.replica = Replica()
        self.states: list[LinkState] = []
        self._client = MechanicClient(at.url, at.crew[0].token)
        self._feed = Feed(at.url, at.crew[0].token, self.replica, self._client.snapshot)

    async def follow(self) -> None:
        async with aclosing(self._feed.updates()) as updates:
            async for update in updates:
                if isinstance(update, LinkChanged):
                    self.states.append(update.state)

    async def close(self) -> None:
        await self._client.aclose()


@asynccontextmanager
async def attached(at: BackendProcess) -> AsyncIterator[Attached]:
    terminal = Attached(at)
    following = asyncio.create_task(terminal.follow())
    try:
        yield terminal
        assert not following.done()
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
        await terminal.close()


def version(database: str) -> tuple[int, int]:
    with closing(engine_of(database).open_reader()) as reader:
        had, serves_from = reader.execute("SELECT version, serves_from FROM mechtui").fetchall()[0]
        return int(had), int(serves_from)


async def became(backend: BackendProcess, bug: str) -> None:
    """Ended as a service manager ends it, and started as this version."""
    assert backend.stop() == 0
    backend.bug = bug
    await backend.start()


async def test_old_new_old_while_a_terminal_is_attached(shared: str) -> None:
    with ExitStack() as stack:
        first = stack.enter_context(BackendProcess(shared, 1))
        second = stack.enter_context(BackendProcess(shared, 0))
        await asyncio.gather(first.start(), second.start())
        async with attached(first) as terminal:
            asked: set[str] = set()

            async def all_are_one_shop(stage: str) -> None:
                """What is asked at either is on the terminal."""
                async with httpx.AsyncClient(trust_env=False) as http:
                    for number, backend in enumerate((first, second)):
                        http.base_url = backend.url
                        asked.add(await submit(http, backend.desk.token, f"{stage} {number}"))
                async with asyncio.timeout(AGREE_SECONDS):
                    while set(terminal.replica.rows) != asked:  # noqa: ASYNC110 - other processes are waited for
                        await asyncio.sleep(0.02)

            _, serves_from = version(shared)
            await all_are_one_shop("old and old")
            await became(second, "newer")
            assert version(shared) == (MADE_UP_VERSION, serves_from)
            await all_are_one_shop("old and new")
            await became(first, "newer")
            await all_are_one_shop("new and new")
            await became(second, "none")
            await all_are_one_shop("new and old")
            await became(first, "none")
            await all_are_one_shop("old and old again")
            assert {LinkState.SIGNED_OUT, LinkState.TOO_OLD}.isdisjoint(terminal.states)
