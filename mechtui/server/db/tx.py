"""What a job has of the writing transaction."""

from typing import Any

from mechtui.models import Kind
from mechtui.server.db.connection import Connection, Params
from mechtui.server.db.errors import ConstraintViolatedError
from mechtui.server.db.events import Draft
from mechtui.server.db.rows import SessionRow, Shop, read_session


class NothingToUndoWithError(Exception):
    """A job must be undone that has changed something, and there is no savepoint."""


class Tx:
    """One job's hold of the writing transaction: its time, the shop's rules, and the events it causes.

    `careful` ones have a savepoint, since something had to be undone when the jobs were run without.
    """

    def __init__(self, connection: Connection, now: str, shop: Shop, *, careful: bool) -> None:
        self._connection = connection
        self.careful = careful
        self._changed = False
        self.now = now
        self.rules = shop.rules
        self.public_url = shop.public_url
        self.drafts: list[Draft] = []
        self.put_off: list[tuple[str, Params]] = []

    def run(self, sql: str, params: Params = ()) -> None:
        """Execute one statement for its effect. Raises `ConstraintViolatedError`, as the others do."""
        self._changed = True
        self._execute(sql, params)

    def run_later(self, sql: str, params: Params) -> None:
        """Execute one statement for its effect, together with those of the same text that the batch's other jobs need.

        None of those jobs may have to see it. Where that goes wrong, all are run again, each with its own.
        """
        if self.careful:
            self._execute(sql, params)
        else:
            self.put_off.append((sql, params))

    def one(self, sql: str, params: Params = ()) -> tuple[Any, ...] | None:
        """The first row of a statement that is run to its end, or nothing."""
        rows = self.all(sql, params)
        return rows[0] if rows else None

    def all(self, sql: str, params: Params = ()) -> list[tuple[Any, ...]]:
        """Every row of a statement."""
        rows = self._execute(sql, params)
        self._changed = self._changed or (bool(rows) and not sql.lstrip().startswith("SELECT"))
        return rows

    def undo(self) -> None:
        """Take back all that this job has done so far, its events, too."""
        if self.careful:
            self._connection.execute("ROLLBACK TO job")
        elif self._changed:
            raise NothingToUndoWithError
        self.drafts.clear()
        self.put_off.clear()

    def _execute(self, sql: str, params: Params) -> list[tuple[Any, ...]]:
        try:
            return self._connection.execute(sql, params).fetchall()
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
