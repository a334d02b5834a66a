"""The one writer: every change of the database is a job in its queue.

The writer takes what is waiting, up to 64 jobs, and runs them in one transaction, each under a savepoint so that a
job that fails undoes itself alone. It takes the feed's position once for all their events, commits with one sync of
the disk, and only then answers the callers and publishes the events. Durability so costs one sync a batch.

When SQLite says that a commit failed, nobody can know whether it did: the writer then stops for good, the callers
learn that the outcome is unknown, and only a new start tells.
"""

import asyncio
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Generic, NamedTuple, TypeVar, cast

import apsw

from mechtui.models import Kind
from mechtui.server.clock import Clock, stamp
from mechtui.server.db.rows import SessionRow, Shop, read_session

BATCH = 64

T = TypeVar("T")
Params = tuple[Any, ...] | dict[str, Any]


class WriterStoppedError(Exception):
    """The writer has stopped; whether this job was carried out is not known."""


class DatabaseBusyError(Exception):
    """Another program held the database too long; this job was surely not carried out."""


class Event(NamedTuple):
    """One event with the row as it was right after it."""

    seq: int
    kind: Kind
    actor: str
    mechanic_id: str | None
    at: str
    row: SessionRow
    was_pending: bool
    hand: int


@dataclass(frozen=True)
class Batch:
    """The events of one commit: all there are in (`seq_from`, `seq_to`]."""

    seq_from: int
    seq_to: int
    events: tuple[Event, ...]


class Draft(NamedTuple):
    """An event before it has its place in the feed."""

    kind: Kind
    actor: str
    mechanic_id: str | None
    reason: str | None
    was_pending: bool
    hand: int
    row: SessionRow


class Tx:
    """One job's hold of the writing transaction: its time, the shop's rules, and the events it causes."""

    def __init__(self, connection: apsw.Connection, now: str, shop: Shop) -> None:
        self._connection = connection
        self.now = now
        self.rules = shop.rules
        self.public_url = shop.public_url
        self.drafts: list[Draft] = []

    def run(self, sql: str, params: Params = ()) -> None:
        """Execute one statement for its effect."""
        self._connection.execute(sql, params)

    def one(self, sql: str, params: Params = ()) -> tuple[Any, ...] | None:
        """The first row of a statement that is run to its end, or nothing."""
        rows = self._connection.execute(sql, params).fetchall()
        return rows[0] if rows else None

    def all(self, sql: str, params: Params = ()) -> list[tuple[Any, ...]]:
        """Every row of a statement."""
        return self._connection.execute(sql, params).fetchall()

    def undo(self) -> None:
        """Take back all that this job has done so far, its events, too."""
        self._connection.execute("ROLLBACK TO job")
        self.drafts.clear()

    def session(self, session_id: str) -> SessionRow | None:
        """The session as it stands in this transaction."""
        return read_session(self._connection, session_id)

    def change(self, update: str, params: Params) -> SessionRow | None:
        """Run an UPDATE of one session; the row as it is after it, or nothing when its condition did not hold."""
        changed = self.one(f"{update} RETURNING id", params)
        return self.session(changed[0]) if changed is not None else None

    def emit(
        self,
        kind: Kind,
        row: SessionRow,
        *,
        actor: str,
        mechanic_id: str | None = None,
        reason: str | None = None,
        was_pending: bool = False,
        hand: int = 0,
    ) -> SessionRow:
        """Note an event of the session, which is now as in `row`, and return that row.

        `hand` is 1 when the mechanic has a hand in the session from now on, and -1 when he no longer has.
        """
        self.drafts.append(Draft(kind, actor, mechanic_id, reason, was_pending, hand, row))
        return row


@dataclass
class _Job(Generic[T]):
    work: Callable[[Tx], T]
    future: asyncio.Future[T]
    loop: asyncio.AbstractEventLoop
    drafts: list[Draft] = field(default_factory=list)
    result: T | None = None
    error: Exception | None = None


class Writer:
    """The thread that owns the writing connection. `publish` and `failed` are called in the caller's loop."""

    def __init__(
        self,
        connection: apsw.Connection,
        shop: Shop,
        clock: Clock,
        publish: Callable[[Batch], None],
        failed: Callable[[Exception], None],
    ) -> None:
        self._connection = connection
        self._shop = shop
        self._clock = clock
        self._publish = publish
        self._failed = failed
        self._last = _last_time(connection)
        self._stopped: Exception | None = None
        self._queue: queue.SimpleQueue[_Job[Any] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._serve, name="mechtui-writer", daemon=True)
        self._thread.start()

    def submit(self, work: Callable[[Tx], T]) -> asyncio.Future[T]:
        """Queue a job. Its future holds what `work` returned once that is durable, or what it raised."""
        loop = asyncio.get_running_loop()
        job = _Job(work, loop.create_future(), loop)
        self._queue.put(job)
        return job.future

    def close(self) -> None:
        """Carry out what is queued, then end the thread and close the connection. Blocks."""
        self._queue.put(None)
        self._thread.join()

    def _serve(self) -> None:
        open_for_work = True
        while open_for_work:
            jobs, open_for_work = self._next_jobs()
            if jobs:
                self._carry_out(jobs)
        self._connection.close()

    def _next_jobs(self) -> tuple[list[_Job[Any]], bool]:
        """What is waiting, at least one, and whether more may come."""
        jobs: list[_Job[Any]] = []
        item = self._queue.get()
        while item is not None:
            jobs.append(item)
            if len(jobs) == BATCH:
                return jobs, True
            try:
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
            except apsw.BusyError as error:
                _fail_all(jobs, DatabaseBusyError(str(error)))
            except Exception as error:  # a writer that died without a word would leave its callers waiting for ever
                self._stopped = error
                _fail_all(jobs, WriterStoppedError(str(error)))
        loop = jobs[0].loop
        if not loop.is_closed():
            loop.call_soon_threadsafe(self._deliver, jobs, batch)

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
        execute = self._connection.execute
        self._last = now = max(stamp(self._clock()), self._last)
        execute("BEGIN IMMEDIATE")
        for job in jobs:
            self._attempt(job, now)
        batch = self._append(now, [draft for job in jobs for draft in job.drafts])
        execute("COMMIT")
        return batch

    def _attempt(self, job: _Job[Any], now: str) -> None:
        execute = self._connection.execute
        tx = Tx(self._connection, now, self._shop)
        execute("SAVEPOINT job")
        try:
            job.result = job.work(tx)
        except (apsw.FullError, apsw.IOError, apsw.CorruptError, apsw.NoMemError):
            raise
        except Exception as error:
            execute("ROLLBACK TO job")
            job.error = error
        else:
            job.drafts = tx.drafts
        execute("RELEASE job")

    def _append(self, now: str, drafts: list[Draft]) -> Batch | None:
        """Give the events their places, the position being the last thing taken, and write them down."""
        if not drafts:
            return None
        rows = self._connection.execute("UPDATE feed_head SET seq = seq + ? RETURNING seq", (len(drafts),)).fetchall()
        seq_to = cast(int, rows[0][0])
        seq_from = seq_to - len(drafts)
        self._connection.executemany(
            "INSERT INTO events (seq, session_id, kind, actor, mechanic_id, at, reason) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                (seq_from + n, d.row.id, str(d.kind), d.actor, d.mechanic_id, now, d.reason)
                for n, d in enumerate(drafts, 1)
            ),
        )
        events = tuple(
            Event(seq_from + n, d.kind, d.actor, d.mechanic_id, now, d.row, d.was_pending, d.hand)
            for n, d in enumerate(drafts, 1)
        )
        return Batch(seq_from, seq_to, events)


def _last_time(connection: apsw.Connection) -> str:
    """The time of the last event, or "" before the first: the writer's time never goes back behind it."""
    row = connection.execute("SELECT at FROM events ORDER BY seq DESC LIMIT 1").fetchall()
    return str(row[0][0]) if row else ""


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
