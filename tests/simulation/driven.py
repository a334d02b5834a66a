"""The writer without its thread: the same commits, made between two steps of the loop."""

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

from mechtui.server.clock import ForwardClock
from mechtui.server.db.commits import Commits, Job
from mechtui.server.db.connection import WritingConnection
from mechtui.server.db.events import Batch
from mechtui.server.db.rows import Shop
from mechtui.server.db.tx import Grouped, Tx
from mechtui.server.db.writer import BATCH
from tests.simulation.nodes import here

T = TypeVar("T")


class DrivenWriter:
    """Stands for `mechtui.server.db.writer.Writer`. A commit takes a while, and its answers, too."""

    def __init__(
        self,
        open_connection: Callable[[], WritingConnection],
        shop: Shop,
        clock: ForwardClock,
        publish: Callable[[Batch], None],
        failed: Callable[[Exception], None],
    ) -> None:
        self.connection = open_connection()
        try:
            self._commits = Commits(self.connection, shop, clock, publish)
        except Exception:
            self.connection.close()  # the process would end here, and let go the lock
            raise
        self._publish = publish
        self._failed = failed
        self._waiting: list[Job[Any]] = []
        self._is_busy = False
        self._told_at = 0.0
        self._chance = here().chance

    def submit(self, work: Callable[[Tx], T], first: Grouped[Any] | None = None) -> asyncio.Future[T]:
        """Queue a job."""
        loop = asyncio.get_running_loop()
        job = Job(work, loop.create_future(), loop, first)
        self._waiting.append(job)
        if not self._is_busy:
            self._is_busy = True
            loop.call_later(self._chance.uniform(0.0001, 0.02), self._work)
        return job.future

    def close(self) -> None:
        """Carry out what is queued, then close the connection."""
        while self._waiting:
            self._work()
        self._commits.close()

    def _work(self) -> None:
        jobs, self._waiting = self._waiting[:BATCH], self._waiting[BATCH:]
        loop = asyncio.get_running_loop()
        if jobs:
            batch = self._commits.carry_out(jobs)
            self._told_at = max(self._told_at + 1e-6, loop.time() + self._chance.uniform(0.0001, 0.05))
            loop.call_at(self._told_at, self._deliver, jobs, batch)
        self._is_busy = bool(self._waiting)
        if self._is_busy:
            loop.call_later(self._chance.uniform(0.0001, 0.02), self._work)

    def _deliver(self, jobs: list[Job[Any]], batch: Batch | None) -> None:
        for job in jobs:
            job.settle()
        if batch is not None:
            self._publish(batch)
        if self._commits.stopped is not None:
            self._failed(self._commits.stopped)
