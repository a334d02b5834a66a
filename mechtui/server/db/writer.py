"""The one writer: every change of the database is a job in its queue.

The writer takes what is waiting, up to 64 jobs, and has them committed in one transaction, with one sync of the disk;
only then it answers the callers and publishes the events. Durability so costs one sync a batch.
"""

import asyncio
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

from mechtui.server.clock import ForwardClock
from mechtui.server.db.commits import Commits, Job
from mechtui.server.db.connection import WritingConnection
from mechtui.server.db.events import Batch
from mechtui.server.db.rows import Shop
from mechtui.server.db.tx import Grouped, Tx

BATCH = 64
RETRY_SECONDS = 0.5
"""How soon a lost line is tried again while a commit is in doubt and no job comes."""

T = TypeVar("T")


class Writer:
    """The thread that owns the writing connection. `publish` and `failed` are called in the caller's loop.

    Raises what `open_connection` raises.
    """

    def __init__(
        self,
        open_connection: Callable[[], WritingConnection],
        shop: Shop,
        clock: ForwardClock,
        publish: Callable[[Batch], None],
        failed: Callable[[Exception], None],
    ) -> None:
        self._publish = publish
        self._failed = failed
        self._loop: asyncio.AbstractEventLoop | None = None
        self._queue: queue.SimpleQueue[Job[Any] | None] = queue.SimpleQueue()
        opened: Future[None] = Future()

        def open_commits() -> Commits:
            return Commits(open_connection(), shop, clock, lambda batch: self._in_loop(self._publish, batch))

        self._thread = threading.Thread(
            target=self._live, args=(open_commits, opened), name="mechtui-writer", daemon=True
        )
        self._thread.start()
        opened.result()

    def submit(self, work: Callable[[Tx], T], first: Grouped[Any] | None = None) -> asyncio.Future[T]:
        """Queue a job. Its future holds what `work` returned once that is durable, or what it raised.

        `first` is what its work begins with, where that can be done together with others.
        """
        loop = asyncio.get_running_loop()
        job = Job(work, loop.create_future(), loop, first)
        self._queue.put(job)
        return job.future

    def close(self) -> None:
        """Carry out what is queued, then end the thread and close the connection. Blocks."""
        self._queue.put(None)
        self._thread.join()

    def _live(self, open_commits: Callable[[], Commits], opened: Future[None]) -> None:
        try:
            self._commits = open_commits()
        except BaseException as error:
            opened.set_exception(error)
            return
        opened.set_result(None)
        self._serve()
        self._commits.close()

    def _serve(self) -> None:
        open_for_work = True
        while open_for_work:
            jobs, open_for_work = self._next_jobs()
            if jobs or self._commits.in_doubt:
                batch = self._commits.carry_out(jobs)
                self._loop = jobs[0].loop if jobs else self._loop
                self._in_loop(self._deliver, jobs, batch)

    def _next_jobs(self) -> tuple[list[Job[Any]], bool]:
        """What is waiting, at least one unless a commit is in doubt, and whether more may come."""
        jobs: list[Job[Any]] = []
        try:
            item = self._queue.get(timeout=None if not self._commits.in_doubt else RETRY_SECONDS)
            while item is not None:
                jobs.append(item)
                if len(jobs) == BATCH:
                    return jobs, True
                item = self._queue.get_nowait()
        except queue.Empty:
            return jobs, True
        return jobs, False

    def _in_loop(self, call: Callable[..., None], *args: Any) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(call, *args)

    def _deliver(self, jobs: list[Job[Any]], batch: Batch | None) -> None:
        """Answer the callers, then publish; in the loop the jobs came from."""
        for job in jobs:
            job.settle()
        if batch is not None:
            jobs[0].loop.call_soon(self._publish, batch)
        if self._commits.stopped is not None:
            self._failed(self._commits.stopped)
