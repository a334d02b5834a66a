"""Carries out the planned past with the server's own transitions, under a clock that is set for each step."""

from collections.abc import Mapping
from datetime import datetime

from mechtui.config import Rules
from mechtui.server.accounts import new_token, token_hash
from mechtui.server.db import attempts, completed, intakes, sessions
from mechtui.server.db.accepts import Accept
from mechtui.server.db.rows import Shop
from mechtui.server.db.sessions import Mechanic
from mechtui.server.db.store import Store
from mechtui.server.db.tx import Tx
from mechtui.server.demo.shop import Past, Step, Verb
from mechtui.server.demo.visits import Visit
from mechtui.server.refusal import Refusal
from mechtui.server.thumbs import thumbs_of


class SetClock:
    """A clock that stands where it is put."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        """The time it was put to."""
        return self.at


async def seed_past(database: str, past: Past, mechanics: Mapping[str, Mechanic]) -> dict[int, str]:
    """Write `past` into the database at this address; `mechanics` are the accounts by name.

    Returns the id of each visit's session, by the visit's place in the past.
    """
    clock = SetClock(past.steps[0].at)
    store = Store(database, Shop(Rules(), public_url="http://127.0.0.1"), clock=clock)
    ids: dict[int, str] = {}
    try:
        for step in past.steps:
            clock.at = step.at
            player = _Player(past.visits[step.visit], step, mechanics.get(step.mechanic), ids.get(step.visit, ""))
            ids[step.visit] = await store.run(player)
    finally:
        await store.close()
    return ids


class _Player:
    """One step as a job for the store; returns the session's id."""

    def __init__(self, visit: Visit, step: Step, mechanic: Mechanic | None, session_id: str) -> None:
        self._visit = visit
        self._step = step
        self._mechanic = mechanic
        self._id = session_id

    def __call__(self, tx: Tx) -> str:
        if self._step.verb == Verb.SUBMIT:
            wish = self._visit.request()
            return intakes.submit(tx, wish, token_hash(new_token("customer")), thumbs_of(wish.files)).id
        if self._mechanic is None:
            self._customer_or_clock(tx)
        else:
            self._by_mechanic(tx, self._mechanic)
        return self._id

    def _customer_or_clock(self, tx: Tx) -> None:
        match self._step.verb:
            case Verb.CUSTOMER_JOINS:
                sessions.join_as_customer(tx, self._id)
            case Verb.CUSTOMER_CANCELS:
                sessions.cancel(tx, self._id, self._step.text or "")
            case Verb.RATE:
                completed.rate(tx, self._id, self._step.rating, self._step.text)
            case Verb.EXPIRE:
                sessions.expire(tx, self._id)

    def _by_mechanic(self, tx: Tx, mechanic: Mechanic) -> None:
        match self._step.verb:
            case Verb.ACCEPT:
                Accept(mechanic, self._id)(tx)
            case Verb.ACCEPT_TOO_LATE:
                self._lose(tx, mechanic)
            case Verb.RELEASE:
                sessions.release(tx, mechanic, self._id, self._step.text or "")
            case Verb.MECHANIC_JOINS:
                sessions.join_as_mechanic(tx, mechanic, self._id)
            case Verb.MECHANIC_ENDS:
                sessions.end_as_mechanic(tx, mechanic, self._id, self._step.text or "")
            case Verb.SUMMARIZE:
                self._summarize(tx, mechanic)

    def _lose(self, tx: Tx, mechanic: Mechanic) -> None:
        try:
            Accept(mechanic, self._id)(tx)
        except Refusal as refusal:
            attempts.note(tx, refusal, mechanic, self._id)

    def _summarize(self, tx: Tx, mechanic: Mechanic) -> None:
        problem = self._visit.problem
        completed.add_summary(
            tx,
            mechanic,
            self._id,
            findings=problem.findings,
            steps_taken=problem.steps,
            parts_needed=problem.parts,
            next_steps=problem.next,
        )
