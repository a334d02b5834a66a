"""PostgreSQL dies in the middle of its work, again and again, under two backends at which a shop is at work."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar

import pytest

from mechtui.server.db.errors import DatabaseError
from mechtui.server.db.postgres.connection import LineLostError, PostgresConnection
from mechtui.server.demo.own_postgres import OwnServer
from tests.faults import LARGE
from tests.faults.load import MECHANICS, Load, at_work, under_blows
from tests.faults.process import BackendProcess
from tests.faults.tally import Tally

PAUSE = (0.1, 0.5)
_AT_WORK = (
    "SELECT {} FROM pg_stat_activity "
    "WHERE datname = 'shop' AND application_name LIKE 'mechtui%' AND state <> 'idle' ORDER BY random() LIMIT 1"
)

T = TypeVar("T")


@dataclass
class Victim:
    """A server that is struck. It lives as long as the thread it was started in, and so has one of its own."""

    thread: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1))

    async def open(self) -> None:
        self.server = await self._there(lambda: OwnServer(max_connections="60"))
        await self._there(lambda: self._admin(lambda admin: admin.command("CREATE DATABASE shop")))

    async def close(self) -> None:
        await self._there(self.server.close)
        self.thread.shutdown()

    async def kill_it(self) -> None:
        """All its processes end at once; somebody starts it again."""
        await self._there(lambda: self.server.stop(signal.SIGKILL))
        await self._there(self.server.start)

    async def kill_one_of_its_processes(self) -> None:
        """One that works for a backend dies; the server ends all others, recovers, and goes on by itself."""
        os.kill(await self._of_one_at_work("pid"), signal.SIGKILL)

    async def cut_a_line(self) -> None:
        """A line on which something is going on is ended from the server's side."""
        await self._of_one_at_work("pg_terminate_backend(pid)")

    async def _of_one_at_work(self, what: str) -> int:
        """This, of a process of the server that works for one of the backends, once there is one."""
        sql = _AT_WORK.format(what)
        async with asyncio.timeout(60):
            while True:
                found = await self._there(lambda: self._admin(lambda admin: admin.execute(sql).fetchall()))
                if found:
                    return int(found[0][0])
                await asyncio.sleep(0.005)

    async def _there(self, call: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self.thread, call)

    def _admin(self, ask: Callable[[PostgresConnection], T]) -> T | None:
        """Ask over a line of our own; nothing while the server cannot be had."""
        try:
            admin = PostgresConnection(self.server.url("postgres"), seconds=30)
        except DatabaseError:
            return None
        try:
            return ask(admin)
        except LineLostError:
            return None
        finally:
            admin.close()


Blow = Callable[[Victim], Awaitable[None]]
BLOWS: dict[str, tuple[Blow, int]] = {
    "kill -9 of PostgreSQL": (Victim.kill_it, 100 if LARGE else 2),
    "kill -9 of one process of PostgreSQL": (Victim.kill_one_of_its_processes, 100 if LARGE else 2),
    "line to PostgreSQL cut": (Victim.cut_a_line, 500 if LARGE else 10),
}


@pytest.fixture
async def victim() -> AsyncIterator[Victim]:
    struck = Victim()
    await struck.open()
    yield struck
    await struck.close()


async def run_under_blows(victim: Victim, blow: Blow, blows: int, tally: Tally, bug: str = "none") -> Load:
    """Two backends at work; returns what the shop was told, once it has no open wish left."""
    database = victim.server.url("shop")
    with BackendProcess(database, MECHANICS, bug=bug) as one, BackendProcess(database, 0, bug=bug) as other:
        async with at_work([one, other], 3) as load:
            await under_blows(load, lambda: blow(victim), blows, tally, PAUSE)
    return load


@pytest.mark.parametrize("what", BLOWS)
async def test_nothing_acknowledged_is_lost_when_the_server_dies(victim: Victim, what: str, tally: Tally) -> None:
    blow, blows = BLOWS[what]
    load = await run_under_blows(victim, blow, blows, tally)
    assert load.wrong(victim.server.url("shop")) == []
    assert load.exits == [0, 0], "a backend did not come back by itself"
    assert load.won > blows
    assert load.wishes.repeated > 0, "nothing was cut off: this proved nothing"
    load.count(tally, what, blows=blows)


@pytest.mark.planted
async def test_an_answer_before_the_commit_is_caught(victim: Victim, tally: Tally) -> None:
    load = await run_under_blows(victim, Victim.kill_it, 12, tally, bug="answer-before-commit")
    assert load.wrong(victim.server.url("shop")) != []
