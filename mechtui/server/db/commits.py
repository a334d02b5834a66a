"""How a batch of jobs is committed: in one transaction, or told why not. Without threads; whoever drives it answers.

The feed's position is taken once for all their events, last. Jobs of a kind that stand side by side in the queue
begin together (`Grouped`): one UPDATE takes for each mechanic the request he wants. A job that is refused has mostly
changed nothing yet, and so leaves nothing to undo. When one has, the transaction is begun anew with each job by itself
under a savepoint, so that it undoes itself alone; jobs must bear to be run a second time.

When SQLite says that a commit failed, nobody can know whether it did: from then on every job is told that the outcome
is unknown, and only a new start tells. When the line to PostgreSQL is lost, what had not come to its commit surely did
not happen; of what had, the outcome is unknown until there is a new line, and then the outbox tells. Until that is
settled no job is begun.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from mechtui.server.clock import ForwardClock, moment, stamp
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

T = TypeVar("T")


@dataclass
class Job(Generic[T]):
    """Some work for the writing transaction, and what became of it; `future` belongs to `loop`."""

    work: Callable[[Tx], T]
    future: asyncio.Future[T]
    loop: asyncio.AbstractEventLoop
    first: Grouped[Any] | None
    drafts: list[Draft] = field(default_factory=list)
    put_off: list[tuple[Columns, Row]] = field(default_factory=list)
    result: T | None = None
    error: Exception | None = None

    def settle(self) -> None:
        """Tell the caller, in his loop; one who no longer waits is told nothing."""
        if self.future.done():
            return
        if self.error is not None:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(self.result)  # type: ignore[arg-type]


class Commits:
    """The writing connection, and how far it can be relied on.

    `settled` is called with the events of a commit that was in doubt, once it is known that it happened.
    """

    def __init__(
        self, connection: WritingConnection, shop: Shop, clock: ForwardClock, settled: Callable[[Batch], None]
    ) -> None:
        self._connection = connection
        self._shop = shop
        self._clock = clock
        self._settled = settled
        self._catch_up()
        self._doubt: Batch | None = None
        self._on_new_line = False
        self.stopped: Exception | None = None
        """Why no job is carried out any more."""

    @property
    def in_doubt(self) -> bool:
        """Whether it is not known of a commit that it happened; carrying out anything, or nothing, tells."""
        return self._doubt is not None

    def close(self) -> None:
        """Let the connection go."""
        self._connection.close()

    def carry_out(self, jobs: list[Job[Any]]) -> Batch | None:
        """Give each job its result or its error; the events that are durable now are given, if there are any."""
        if self.stopped is not None:
            _fail_all(jobs, WriterStoppedError(str(self.stopped)))
            return None
        try:
            return self._transaction(jobs)
        except (DatabaseBusyError, OutcomeUnknownError) as error:
            _fail_all(jobs, error)
        except self._connection.undone as error:
            self._connection.rollback()
            _fail_all(jobs, DatabaseBusyError(str(error)))
        except Exception as error:  # a writer that died without a word would leave its callers waiting for ever
            self.stopped, self._doubt = error, None
            _fail_all(jobs, WriterStoppedError(str(error)))
        return None

    def _transaction(self, jobs: list[Job[Any]]) -> Batch | None:
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

    def _make_up_for(self, jobs: list[Job[Any]]) -> None:
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
            self._catch_up()
        return stamp(self._clock())

    def _catch_up(self) -> None:
        if last := last_time(self._connection):
            self._clock.at_least(moment(last))

    def _settle_doubt(self) -> None:
        """On a new line: publish the commit in doubt if it happened."""
        if self._doubt is not None and self._connection.happened(self._doubt):
            self._settled(self._doubt)
        self._doubt, self._on_new_line = None, False

    def _attempt_all(self, group: list[Job[Any]], now: str) -> None:
        """Run these jobs, their first steps together."""
        begun = self._begun(group, now)
        for job in group:
            self._attempt(job, Tx(self._connection, now, self._shop, careful=False, begun=begun))

    def _begun(self, group: list[Job[Any]], now: str) -> Mapping[str, Any] | None:
        if group[0].first is None:
            return None
        try:
            tx = Tx(self._connection, now, self._shop, careful=False)
            return group[0].first.begin(tx, [job.first for job in group])
        except self._connection.fatal:
            raise
        except Exception as error:  # whosever fault it is, it must not become that of the others
            raise NothingToUndoWithError from error

    def _attempt_alone(self, job: Job[Any], now: str) -> None:
        """Run a job under a savepoint, so that it undoes itself alone."""
        self._connection.execute("SAVEPOINT job")
        self._attempt(job, Tx(self._connection, now, self._shop, careful=True))
        self._make_up_for([job])
        self._connection.execute("RELEASE job")

    def _attempt(self, job: Job[Any], tx: Tx) -> None:
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


def _groups(jobs: list[Job[Any]]) -> Iterator[list[Job[Any]]]:
    """The jobs in their order; those side by side that can begin together in one list."""
    group: list[Job[Any]] = []
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


def _fail_all(jobs: list[Job[Any]], error: Exception) -> None:
    for job in jobs:
        job.error = error
        job.drafts = []
