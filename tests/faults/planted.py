"""A backend with a bug in it: `python -m tests.faults.planted BUG DATABASE PORT`."""

import asyncio
import sys
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

from mechtui.config import Rules, ServerSettings, is_postgres
from mechtui.models import Kind
from mechtui.server.db.accepts import Accept
from mechtui.server.db.answers import Refused, Reply, Ticket, nothing
from mechtui.server.db.commits import Commits
from mechtui.server.db.connection import Columns, Row
from mechtui.server.db.engine import engine_of
from mechtui.server.db.events import Batch, append
from mechtui.server.db.postgres import schema
from mechtui.server.db.rows import SessionRow, read_session
from mechtui.server.db.store import Store
from mechtui.server.db.tx import Tx
from mechtui.server.db.writer import Writer
from mechtui.server.serve import run_server
from mechtui.server.tail import Tail


def read_then_update(database: str) -> None:
    """The origin's last accept: look whether it is open, then update it by its id alone.

    The database would refuse the second holder by itself; that guard is taken away, too.
    """
    on = "ON sessions" if is_postgres(database) else ""
    with engine_of(database).changing() as guards:
        guards.execute(f"DROP TRIGGER IF EXISTS held_is_taken_over_by_agreement_only {on}")
    answer = Store.answer

    def planted(
        self: Store,
        ticket: Ticket,
        work: Callable[[Tx], Any],
        encode: Callable[[Any], str],
        status: int = 200,
        refused: Refused = nothing,
    ) -> asyncio.Future[Reply]:
        return asyncio.ensure_future(slowly(self, ticket, work, encode, status))

    async def slowly(
        self: Store, ticket: Ticket, work: Callable[[Tx], Any], encode: Callable[[Any], str], status: int = 200
    ) -> Reply:
        if not isinstance(work, Accept):
            return await answer(self, ticket, work, encode, status)
        row = await self.look(read_session, work.session_id)
        await asyncio.sleep(0.002)
        if row is None or row.status != "pending":
            return await answer(self, ticket, work, encode, status)
        return await answer(self, ticket, partial(_update_by_id, wish=work), encode, status)

    Store.answer = planted  # type: ignore[method-assign]


def _update_by_id(tx: Tx, wish: Accept) -> SessionRow:
    row = tx.change(
        "UPDATE sessions SET status = 'waiting', mechanic_id = ?, accepted_at = ?, version = version + 1 WHERE id = ?",
        (wish.me.id, tx.now, wish.session_id),
    )
    assert row is not None
    return tx.emit(Kind.ACCEPTED, row, actor="mechanic", mechanic_id=wish.me.id, was_pending=True)


def answer_before_commit(_: str) -> None:
    """The callers are answered while the commit is still on its way to the disk: so long that most kills come then."""

    def planted(self: Commits, jobs: list[Any]) -> Batch | None:
        now = self._begin()
        for job in jobs:
            self._attempt_alone(job, now)
        batch = append(self._connection, now, [draft for job in jobs for draft in job.drafts])
        if batch is not None:
            self._connection.announce(batch)
        for job in jobs:
            job.loop.call_soon_threadsafe(job.settle)
        threading.Event().wait(0.05)
        self._connection.commit()
        return batch

    Commits._transaction = planted  # type: ignore[method-assign]


def forget_answers(_: str) -> None:
    """Answers are not stored: a repeated wish is a new one. They leave late, so that a kill meets many on their way."""
    insert_later = Tx.insert_later

    def forgetful(self: Tx, columns: Columns, row: Row) -> None:
        if columns.table != "idempotency":
            insert_later(self, columns, row)

    Tx.insert_later = forgetful  # type: ignore[method-assign]
    deliver = Writer._deliver

    def late(self: Writer, jobs: list[Any], batch: Batch | None) -> None:
        jobs[0].loop.call_later(0.1, deliver, self, jobs, batch)

    Writer._deliver = late  # type: ignore[method-assign]


def deaf(_: str) -> None:
    """A backend that tells its terminals of its own commits only."""

    async def never(self: Tail) -> None:
        await asyncio.Event().wait()

    Tail.follow = never  # type: ignore[method-assign]
    Tail.take = lambda self, batch: self._publish(batch)  # type: ignore[method-assign]


def unwoken(_: str) -> None:
    """No bug: every hint that somebody has committed is lost."""
    Tail.wake = lambda self: None  # type: ignore[method-assign]


MADE_UP_VERSION = 99
MADE_UP_STEP = f"""{schema.ADDITIVE}
ALTER TABLE sessions ADD COLUMN bay TEXT COLLATE "C";
CREATE TABLE bays (name TEXT COLLATE "C" PRIMARY KEY);
"""


def one_step_more(step: str) -> dict[str, Any]:
    """What is otherwise in a program whose schema has one step more."""
    name, text_of = f"{MADE_UP_VERSION}_made_up.sql", schema.text_of
    return {
        "STEPS": (*schema.STEPS, name),
        "VERSION": MADE_UP_VERSION,
        "text_of": lambda wanted: step if wanted == name else text_of(wanted),
    }


def newer(_: str) -> None:
    """No bug: a version that is newer by a step of the schema that older ones can live with."""
    for name, value in one_step_more(MADE_UP_STEP).items():
        setattr(schema, name, value)


BUGS: dict[str, Callable[[str], None]] = {
    "read-then-update": read_then_update,
    "answer-before-commit": answer_before_commit,
    "forget-answers": forget_answers,
    "deaf": deaf,
    "unwoken": unwoken,
    "newer": newer,
}

if __name__ == "__main__":
    bug, database, port = sys.argv[1:]
    rules = Rules(completed_seconds=1)
    engine_of(database).prepare(rules.plans)
    if bug != "none":
        BUGS[bug](database)
    sys.exit(run_server(ServerSettings(database, port=int(port), rules=rules)))
