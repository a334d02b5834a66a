"""What a job has of the writing transaction."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Generic, TypeVar

from mechtui.models import Kind
from mechtui.server.db.connection import Columns, Connection, Params, Row
from mechtui.server.db.errors import ConstraintViolatedError
from mechtui.server.db.events import Draft
from mechtui.server.db.rows import SessionRow, Shop, read_session, read_sessions

R = TypeVar("R")


class NothingToUndoWithError(Exception):
    """A job must be undone that has changed something, and there is no savepoint."""


class Grouped(ABC, Generic[R]):
    """A job that begins with a step which the same few statements can do for many of its kind."""

    @property
    @abstractmethod
    def touches(self) -> tuple[str, ...]:
        """What the first step is about, its own word first. Jobs that share one are not begun together."""

    @staticmethod
    @abstractmethod
    def begin(tx: "Tx", jobs: Sequence[Any]) -> Mapping[str, R]:
        """Do the first step of these jobs; what came of each that could do it, by its own word."""

    @abstractmethod
    def __call__(self, tx: "Tx") -> Any:
        """Do the rest, with what `tx.begun` gives."""


class Tx:
    """One job's hold of the writing transaction: its time, the shop's rules, and the events it causes.

    `careful` ones have a savepoint, since something had to be undone when the jobs were run without. `begun` is what
    came of the first steps of this job and of others, where they were done together.
    """

    def __init__(
        self, connection: Connection, now: str, shop: Shop, *, careful: bool, begun: Mapping[str, Any] | None = None
    ) -> None:
        self._connection = connection
        self.careful = careful
        self._begun = begun
        self._changed = False
        self.now = now
        self.rules = shop.rules
        self.public_url = shop.public_url
        self.drafts: list[Draft] = []
        self.put_off: list[tuple[Columns, Row]] = []

    def begun(self, job: Grouped[R]) -> R | None:
        """What came of the job's first step, which is done now unless it was done with that of others."""
        done = job.begin(self, [job]) if self._begun is None else self._begun
        self._changed = self._changed or job.touches[0] in done
        return done.get(job.touches[0])

    def run(self, sql: str, params: Params = ()) -> None:
        """Execute one statement for its effect. Raises `ConstraintViolatedError`, as the others do."""
        self._changed = True
        self._execute(sql, params)

    def insert_later(self, columns: Columns, row: Row) -> None:
        """Insert a row, together with those that the batch's other jobs have for the table.

        None of those jobs may have to see it. Where that goes wrong, all are run again, each with its own.
        """
        self.put_off.append((columns, row))

    def one(self, sql: str, params: Params = ()) -> tuple[Any, ...] | None:
        """The first row of a statement that is run to its end, or nothing."""
        rows = self.all(sql, params)
        return rows[0] if rows else None

    def all(self, sql: str, params: Params = ()) -> list[tuple[Any, ...]]:
        """Every row of a statement."""
        rows = self._execute(sql, params)
        self._changed = self._changed or (bool(rows) and not sql.lstrip().startswith("SELECT"))
        return rows

    def change_each(self, sql: str, pairs: Mapping[str, str], params: Mapping[str, Any]) -> list[Row]:
        """Run one UPDATE for all pairs (`Connection.for_each`); what it gave for each that it changed."""
        with self._watched():
            rows = self._connection.for_each(sql, pairs, params)
        self._changed = self._changed or bool(rows)
        return rows

    def sessions(self, ids: Iterable[str]) -> list[SessionRow]:
        """Sessions as they stand in this transaction, in any order."""
        return read_sessions(self._connection, ids)

    def undo(self) -> None:
        """Take back all that this job has done so far, its events, too."""
        if self.careful:
            self._connection.execute("ROLLBACK TO job")
        elif self._changed:
            raise NothingToUndoWithError
        self.drafts.clear()
        self.put_off.clear()

    def _execute(self, sql: str, params: Params) -> list[Row]:
        with self._watched():
            return self._connection.execute(sql, params).fetchall()

    @contextmanager
    def _watched(self) -> Iterator[None]:
        try:
            yield
        except self._connection.violated as error:
            self._changed = True
            raise ConstraintViolatedError(str(error)) from error
        except Exception:
            self._changed = True  # PostgreSQL goes on in a transaction only when what failed in it is undone
            raise

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
        other_id: str | None = None,
    ) -> SessionRow:
        """Note an event of the session, which is now as in `row`, and return that row.

        `hand` is 1 when the mechanic has a hand in the session from now on, and -1 when he no longer has. `other_id`
        is the colleague of an offer, or whom the mechanic has the session from.
        """
        self.drafts.append(Draft(kind, actor, mechanic_id, reason, was_pending, hand, row, other_id))
        return row
