"""The one writer: every change of the database is a job in its queue.

The writer takes what is waiting, up to 64 jobs, and runs them in one transaction. It takes the feed's position once
for all their events, commits with one sync of the disk, and only then answers the callers and publishes the events.
Durability so costs one sync a batch.

Jobs of a kind that stand side by side in the queue begin together (`Grouped`): one UPDATE takes for each mechanic the
request he wants. A job that is refused has mostly changed nothing yet, and so leaves nothing to undo. When one has, the
transaction is begun anew with each job by itself under a savepoint, so that it undoes itself alone; jobs must bear to
be run a second time.

When SQLite says that a commit failed, nobody can know whether it did: the writer then stops for good, the callers
learn that the outcome is unknown, and only a new start tells. When the line to PostgreSQL is lost, what had not come
to its commit surely did not happen; of what had, the outcome is unknown until there is a new line, and then the
outbox tells. Until that is settled no job is begun.
"""

import asyncio
import queue
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from mechtui.server.clock import Clock, stamp
from mechtui.server.db.connection import Columns, Row, WritingConnection
from mechtui.server.db.errors import (
    ConstraintViolatedError,
    DatabaseBusyError,
    OutcomeUnknownError,
    WriterStoppedError,
)
from mechtui.server.db.events import Batch, Draft, append, last_time
from mechtui.server.db.rows import Shop
from mechtui.server.db.tx import Grouped, NothingToUndoWithError, Tx

BATCH = 64
RETRY_SECONDS = 0.5
"""How soon a lost line is tried again while a commit is in doubt and no job comes."""

T = TypeVar("T")


@dataclass
class _Job(Generic[T]):
    work: Callable[[Tx], T]
    future: asyncio.Future[T]
    loop: asyncio.AbstractEventLoop
    first: Grouped[Any] | None
    drafts: list[Draft] = field(default_factory=list)
    put_off: list[tuple[Columns, Row]] = field(default_factory=list)
    result: T | None = None
    error: Exception | None = None


class Writer:
    """The thread that owns the writing connection. `publish` and `failed` are called in the caller's loop.

    Raises what `open_connection` raises.
    """

    def __init__(
        self,
        open_connection: Callable[[], WritingConnection],
        shop: Shop,
        clock: Clock,
        publish: Callable[[Batch], None],
        failed: Callable[[Exception], None],
    ) -> None:
        self._shop = shop
        self._clock = clock
        self._publish = publish
        self._failed = failed
        self._stopped: Exception | None = None
        self._doubt: Batch | None = None
        self._on_new_line = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._queue: queue.SimpleQueue[_Job[Any] | None] = queue.SimpleQueue()
        opened: Future[None] = Future()
        self._thread = threading.Thread(
            target=self._live, args=(open_connection, opened), name="mechtui-writer", daemon=True
        )
        self._thread.start()
        opened.result()

    def submit(self, work: Callable[[Tx], T], first: Grouped[Any] | None = None) -> asyncio.Future[T]:
        """Queue a job. Its future holds what `work` returned once that is durable, or what it raised.

        `first` is what its work begins with, where that can be done together with others.
        """
        loop = asyncio.get_running_loop()
        job = _Job(work, loop.create_future(), loop, first)
        self._queue.put(job)
        return job.future

    def close(self) -> None:
        """Carry out what is queued, then end the thread and close the connection. Blocks."""
        self._queue.put(None)
        self._thread.join()

    def _live(self, open_connection: Callable[[], WritingConnection], opened: Future[None]) -> None:
        try:
            self._connection = open_connection()
            self._last = last_time(self._connection)
        except BaseException as error:
            opened.set_exception(error)
            return
        opened.set_result(None)
        self._serve()
        self._connection.close()

    def _serve(self) -> None:
        open_for_work = True
        while open_for_work:
            jobs, open_for_work = self._next_jobs()
            if jobs or self._doubt is not None:
                self._carry_out(jobs)

    def _next_jobs(self) -> tuple[list[_Job[Any]], bool]:
        """What is waiting, at least one unless a commit is in doubt, and whether more may come."""
        jobs: list[_Job[Any]] = []
        try:
            item = self._queue.get(timeout=None if self._doubt is None else RETRY_SECONDS)
            while item is not None:
                jobs.append(item)
                if len(jobs) == BATCH:
                    return jobs, True
                item = self._queue.get_nowait()
        except queue.Empty:
            return jobs, True
        return jobs, False

    def _carry_out(self, jobs: list[_Job[Any]]) -> None:
        batch: Batch | None = None
        if self._stopped is not None:
            _fail_all(jobs, WriterStoppedError(str(self._stopped)))
        else:
            try:
                batch = self._transaction(jobs)
            except (DatabaseBusyError, OutcomeUnknownError) as error:
                _fail_all(jobs, error)
            except self._connection.undone as error:
                self._connection.rollback()
                _fail_all(jobs, DatabaseBusyError(str(error)))
            except Exception as error:  # a writer that died without a word would leave its callers waiting for ever
                self._stopped, self._doubt = error, None
                _fail_all(jobs, WriterStoppedError(str(error)))
        self._loop = jobs[0].loop if jobs else self._loop
        self._in_loop(self._deliver, jobs, batch)

    def _in_loop(self, call: Callable[..., None], *args: Any) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(call, *args)

    def _deliver(self, jobs: list[_Job[Any]], batch: Batch | None) -> None:
        """Answer the callers, then publish; in the loop the jobs came from."""
        for job in jobs:
            _settle(job)
        if batch is not None:
            jobs[0].loop.call_soon(self._publish, batch)
        if self._stopped is not None:
            self._failed(self._stopped)

    def _transaction(self, jobs: list[_Job[Any]]) -> Batch | None:
        """Run the jobs and commit. Returns their events, if any; raises when nothing is sure."""
        now = self._begin()
        try:
            for group in _groups(jobs):
                self._attempt_all(group, now)
            self._make_up_for(jobs)
        except (NothingToUndoWithError, ConstraintViolatedError):
            self._connection.rollback()
            now = self._begin()
            for job in jobs:
                self._attempt_alone(job, now)
        batch = append(self._connection, now, [draft for job in jobs for draft in job.drafts])
        if batch is not None:
            self._connection.announce(batch)
        try:
            self._connection.commit()
        except OutcomeUnknownError:
            self._doubt = batch
            raise
        return batch

    def _make_up_for(self, jobs: list[_Job[Any]]) -> None:
        """Insert what the jobs put off, for each table at once."""
        put_off: dict[str, tuple[Columns, list[Row]]] = {}
        for columns, row in (each for job in jobs for each in job.put_off):
            put_off.setdefault(columns.table, (columns, []))[1].append(row)
        for columns, rows in put_off.values():
            try:
                self._connection.insert(columns, rows)
            except self._connection.violated as error:
                raise ConstraintViolatedError(str(error)) from error

    def _begin(self) -> str:
        """Begin a transaction, whose time is given: never before that of the last event, whoever's that is."""
        self._on_new_line = self._connection.begin() or self._on_new_line
        if self._on_new_line:
            self._settle_doubt()
        if self._connection.shared:
            self._last = max(self._last, last_time(self._connection))
        self._last = max(stamp(self._clock()), self._last)
        return self._last

    def _settle_doubt(self) -> None:
        """On a new line: publish the commit in doubt if it happened."""
        if self._doubt is not None and self._connection.happened(self._doubt):
            self._in_loop(self._publish, self._doubt)
        self._doubt, self._on_new_line = None, False

    def _attempt_all(self, group: list[_Job[Any]], now: str) -> None:
        """Run these jobs, their first steps together."""
        begun = self._begun(group, now)
        for job in group:
            self._attempt(job, Tx(self._connection, now, self._shop, careful=False, begun=begun))

    def _begun(self, group: list[_Job[Any]], now: str) -> Mapping[str, Any] | None:
        if group[0].first is None:
            return None
        try:
            tx = Tx(self._connection, now, self._shop, careful=False)
            return group[0].first.begin(tx, [job.first for job in group])
        except self._connection.fatal:
            raise
        except Exception as error:  # whosever fault it is, it must not become that of the others
            raise NothingToUndoWithError from error

    def _attempt_alone(self, job: _Job[Any], now: str) -> None:
        """Run a job under a savepoint, so that it undoes itself alone."""
        self._connection.execute("SAVEPOINT job")
        self._attempt(job, Tx(self._connection, now, self._shop, careful=True))
        self._make_up_for([job])
        self._connection.execute("RELEASE job")

    def _attempt(self, job: _Job[Any], tx: Tx) -> None:
        job.drafts, job.put_off, job.error = tx.drafts, tx.put_off, None
        try:
            job.result = job.work(tx)
        except NothingToUndoWithError:
            raise
        except self._connection.fatal:
            raise
        except Exception as error:
            tx.undo()
            job.error = error


def _groups(jobs: list[_Job[Any]]) -> Iterator[list[_Job[Any]]]:
    """The jobs in their order; those side by side that can begin together in one list."""
    group: list[_Job[Any]] = []
    touched: set[str] = set()
    for job in jobs:
        words = job.first.touches if job.first is not None else ()
        if group and (type(job.first) is not type(group[0].first) or not touched.isdisjoint(words)):
            yield group
            group, touched = [], set()
        group.append(job)
        touched.update(words)
    if group:
        yield group


def _fail_all(jobs: list[_Job[Any]], error: Exception) -> None:
    for job in jobs:
        job.error = error
        job.drafts = []


def _settle(job: _Job[Any]) -> None:
    if job.future.done():
        return
    if job.error is not None:
        job.future.set_exception(job.error)
    else:
        job.future.set_result(job.result)
