"""The store and the model are given the same wishes in any order and must say and hold the same."""

import asyncio
import shutil
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from mechtui.config import Rules
from mechtui.models import Kind
from mechtui.server.clock import stamp
from mechtui.server.db import completed, handover, sessions
from mechtui.server.db.accepts import Accept
from mechtui.server.db.rows import SessionRow
from mechtui.server.db.sessions import Mechanic
from mechtui.server.db.store import Store
from mechtui.server.db.tx import Tx
from mechtui.server.refusal import Refusal
from tests.engines import PostgresServer
from tests.faults import LARGE
from tests.faults.tally import Tally
from tests.rules.audit import findings
from tests.rules.model import Case, Model
from tests.server.support import START, ShopFloor, database_url, hire

CUSTOMERS = [f"{name}@example.com" for name in ("jo", "kim", "lee")]
TYPES = ["chat", "video", "diagnostic"]


STEPS = [
    *("submit", "meet", "time passes", "accept", "mechanic joins", "customer joins", "release", "mechanic ends") * 3,
    *("customer ends", "cancel", "rate", "sweep", "sweep", "sweep", "restart"),
    *("offer", "offer", "offered one takes", "take", "withdraw", "decline"),
]


class SessionRules(RuleBasedStateMachine):
    """Three customers, three mechanics (one takes chats only), and time that jumps."""

    shop_rules = Rules()

    @initialize()
    def open_shop(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.loop = asyncio.new_event_loop()
        self.floor = self.loop.run_until_complete(self._open())
        cy = hire(self.floor.database, "Cy", "chat")
        self.mechanics = {"ann": self.floor.ann, "bob": self.floor.bob, "cy": cy}
        self.model = Model()
        self.ids: list[str] = []
        self.submit(CUSTOMERS[0], "chat", urgent=False)

    async def _open(self) -> ShopFloor:
        return ShopFloor(database_url(self.folder / "shop.db"), rules=self.shop_rules)

    def teardown(self) -> None:
        self.loop.run_until_complete(self.floor.close())
        self.loop.close()
        shutil.rmtree(self.folder)

    def _run(self, work: Callable[[Tx], object]) -> None:
        async def carried_out() -> None:
            await self.floor.store.run(work)

        self.loop.run_until_complete(carried_out())

    def _wish(self, expected: str, work: Callable[[Tx], SessionRow]) -> None:
        try:
            self._run(work)
            said = ""
        except Refusal as refusal:
            said = str(refusal.code)
        assert said == expected

    def _case(self, number: int) -> tuple[Case, str]:
        """Mostly one that is open, the newest first: ended ones pile up, and little can happen to them."""
        newest_first = range(len(self.ids) - 1, -1, -1)
        still_open = [at for at in newest_first if self.model.cases[at].open]
        choice = still_open if still_open and number < 24 else list(newest_first)
        at = choice[0 if number < 16 else number % len(choice)]
        return self.model.cases[at], self.ids[at]

    def _who(self, name: str, case: Case | None = None) -> tuple[str, Mechanic, set[str]]:
        """`holder` is whoever has the case, or Ann."""
        name = ((case and case.mechanic) or "ann") if name == "holder" else name
        return name, self.mechanics[name], set(self.mechanics[name].types)

    @rule(
        step=st.sampled_from(STEPS),
        customer=st.sampled_from(CUSTOMERS),
        session_type=st.sampled_from(TYPES),
        number=st.integers(0, 31),
        name=st.sampled_from(["holder", "holder", "ann", "bob", "cy"]),
        seconds=st.sampled_from([1, 59, 60, 299, 620, 900]),
        rating=st.integers(1, 5),
    )
    def step(
        self, step: str, customer: str, session_type: str, number: int, name: str, seconds: int, rating: int
    ) -> None:
        """One rule for every step, so that none is ever left out of a run."""
        match step:
            case "submit":
                self.submit(customer, session_type, urgent=number % 4 == 0)
            case "meet":
                self.meet("bob" if number % 2 else "ann")
            case "time passes":
                self.time_passes(seconds)
            case "sweep":
                self.sweep()
            case "offer":
                self.offer(number, name)
            case "offered one takes":
                self.offered_one_takes(number)
            case "restart":
                self.restart()
            case _:
                self.wish(step, number, name, rating)

    def submit(self, customer: str, session_type: str, urgent: bool) -> None:
        expected = self.model.submit(customer, session_type)
        try:
            submitted = self.floor.submit(email=customer, type=session_type, urgent=urgent)
            self.ids.append(self.loop.run_until_complete(submitted).id)
            said = ""
        except Refusal as refusal:
            said = str(refusal.code)
        assert said == expected

    def wish(self, kind: str, number: int, name: str, rating: int) -> None:
        """One wish about one session, by somebody."""
        case, session_id = self._case(number)
        name, me, types = self._who(name, case)
        works: dict[str, tuple[Callable[[], str], Callable[[Tx], SessionRow]]] = {
            "accept": (
                lambda: self.model.accept(name, types, case),
                Accept(me, session_id),
            ),
            "release": (
                lambda: self.model.release(name, types, case),
                lambda tx: sessions.release(tx, me, session_id, "why"),
            ),
            "mechanic joins": (
                lambda: self.model.join(name, types, case),
                lambda tx: sessions.join_as_mechanic(tx, me, session_id),
            ),
            "customer joins": (
                lambda: self.model.join(None, set(), case),
                lambda tx: sessions.join_as_customer(tx, session_id),
            ),
            "mechanic ends": (
                lambda: self.model.end(name, types, case),
                lambda tx: sessions.end_as_mechanic(tx, me, session_id, ""),
            ),
            "customer ends": (
                lambda: self.model.end(None, set(), case),
                lambda tx: sessions.end_as_customer(tx, session_id, ""),
            ),
            "cancel": (lambda: self.model.cancel(case), lambda tx: sessions.cancel(tx, session_id, "")),
            "withdraw": (
                lambda: self.model.withdraw(name, types, case),
                lambda tx: handover.withdraw(tx, me, session_id),
            ),
            "decline": (
                lambda: self.model.decline(name, case),
                lambda tx: handover.decline(tx, me, session_id, "no time"),
            ),
            "take": (lambda: self.model.take(name, case), lambda tx: handover.take(tx, me, session_id)),
            "rate": (lambda: self.model.rate(case, rating), lambda tx: completed.rate(tx, session_id, rating, None)),
        }
        expected, work = works[kind]
        self._wish(expected(), work)

    def offer(self, number: int, name: str) -> None:
        """The holder, or somebody who is not, offers a session to each of the others, and to himself."""
        case, session_id = self._case(number)
        name, me, types = self._who(name, case)
        to = ("ann", "bob", "cy")[number % 3]
        colleague = self.mechanics[to]
        expected = self.model.offer(name, types, case, to, set(colleague.types))
        self._wish(expected, lambda tx: handover.offer(tx, me, session_id, colleague.id, "please"))

    def offered_one_takes(self, number: int) -> None:
        """Whoever the session is offered to takes it; nobody, if it is not."""
        case, _ = self._case(number)
        if case.offered_to is not None:
            self.wish("take", number, case.offered_to, 5)

    def meet(self, name: str) -> None:
        """The whole way to a live session, which single wishes seldom find."""
        for kind in ("accept", "customer joins", "mechanic joins"):
            self.wish(kind, 0, name, 5)

    def time_passes(self, seconds: int) -> None:
        self.model.now += seconds
        self.floor.clock.forward(seconds)

    def sweep(self) -> None:
        self.model.sweep()
        self._run(sessions.expire_overdue)

    def restart(self) -> None:
        self.loop.run_until_complete(self.floor.store.close())
        self.floor.store = self.loop.run_until_complete(self._reopened())

    async def _reopened(self) -> Store:
        return self.floor.open()

    @invariant()
    def the_store_holds_what_the_model_holds(self) -> None:
        if not hasattr(self, "model"):
            return
        rows = self.floor.reader.execute(
            "SELECT s.id, s.status, m.name, o.name, s.mechanic_joined_at IS NOT NULL, r.rating, "
            "s.started_at IS NOT NULL, s.expires_at FROM sessions s "
            "LEFT JOIN mechanics m ON m.id = s.mechanic_id LEFT JOIN session_reviews r ON r.session_id = s.id "
            "LEFT JOIN handovers h ON h.session_id = s.id LEFT JOIN mechanics o ON o.id = h.to_id"
        ).fetchall()
        held = {row[0]: row[1:] for row in rows}
        expected = {
            session_id: (
                case.status,
                case.mechanic and case.mechanic.capitalize(),
                case.offered_to and case.offered_to.capitalize(),
                int("mechanic" in case.joined),
                case.rating,
                int(case.started is not None),
                stamp(START + timedelta(seconds=case.expires)),
            )
            for session_id, case in zip(self.ids, self.model.cases, strict=True)
        }
        assert held == expected

    @invariant()
    def nothing_is_wrong(self) -> None:
        if hasattr(self, "model"):
            assert findings(self.floor.reader) == {}


CHECKS = [HealthCheck.too_slow, HealthCheck.data_too_large]
RUNS = {"SQLite": 2_000 if LARGE else 60, "PostgreSQL": 500 if LARGE else 15}


def run_machine(machine: type[SessionRules], kind: str, tally: Tally) -> None:
    """As many runs as there are to be of this kind of database."""
    many = settings(
        max_examples=RUNS[kind],
        stateful_step_count=60 if LARGE else 50,
        deadline=None,
        suppress_health_check=CHECKS,
    )
    run_state_machine_as_test(machine, settings=many)
    tally.add(f"rules against their model, {kind}", runs=RUNS[kind])


def test_on_sqlite(tally: Tally) -> None:
    run_machine(SessionRules, "SQLite", tally)


class PostgresRules(SessionRules):
    """The same on PostgreSQL."""

    server: ClassVar[PostgresServer]

    async def _open(self) -> ShopFloor:
        self.stack = ExitStack()
        return ShopFloor(self.stack.enter_context(self.server.database()), rules=self.shop_rules)

    def teardown(self) -> None:
        super().teardown()
        self.stack.close()


def test_on_postgres(postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch, tally: Tally) -> None:
    monkeypatch.setattr(PostgresRules, "server", postgres, raising=False)
    run_machine(PostgresRules, "PostgreSQL", tally)


def expire_whoever_has_it(tx: Tx) -> list[SessionRow]:
    """The origin's tidy-up: a timer takes sessions away from their mechanics, too."""
    sql = "SELECT id FROM sessions WHERE expires_at <= ? AND status IN ('pending', 'waiting') ORDER BY expires_at, id"
    done = []
    for (session_id,) in tx.all(sql, (tx.now,)):
        row = tx.change(
            "UPDATE sessions SET status = 'expired', mechanic_id = NULL, accepted_at = NULL, "
            "mechanic_joined_at = NULL, customer_joined_at = NULL, ended_at = ?, ended_by = 'system', "
            "end_reason = 'x', version = version + 1 WHERE id = ?",
            (tx.now, session_id),
        )
        assert row is not None
        done.append(tx.emit(Kind.EXPIRED, row, actor="system", was_pending=True))
    return done


honest_take = handover.take


def take_whatever_is_held(tx: Tx, me: Mechanic, session_id: str) -> SessionRow:
    """Taking over without looking whether it was offered, or to whom, where the database does not look either."""
    before = sessions.any_session(tx, session_id)
    if before.mechanic_id is None or before.mechanic_id == me.id or not before.is_active:
        return honest_take(tx, me, session_id)
    tx.run("DROP TRIGGER IF EXISTS held_is_taken_over_by_agreement_only")
    row = tx.change(
        "UPDATE sessions SET mechanic_id = :me, version = version + 1 WHERE id = :id AND status IN ('waiting', 'live')",
        {"id": session_id, "me": me.id},
    )
    assert row is not None
    return tx.emit(Kind.HANDED_OVER, row, actor="mechanic", mechanic_id=me.id, other_id=before.mechanic_id)


PLANTED: dict[str, Callable[[pytest.MonkeyPatch], None]] = {
    "a shorter session counts as completed": lambda patch: patch.setattr(
        SessionRules, "shop_rules", Rules(completed_seconds=1)
    ),
    "a released request expires at its old time": lambda patch: patch.setattr(
        SessionRules, "shop_rules", Rules(release_floor_seconds=1)
    ),
    "a session is taken over without an offer": lambda patch: patch.setattr(handover, "take", take_whatever_is_held),
    "a timer takes sessions away": lambda patch: patch.setattr(sessions, "expire_overdue", expire_whoever_has_it),
    "the end is not checked for its holder": lambda patch: patch.setattr(
        sessions, "end_as_mechanic", lambda tx, me, session_id, reason: sessions.end_as_customer(tx, session_id, reason)
    ),
}


@pytest.mark.planted
@pytest.mark.parametrize("bug", PLANTED)
def test_the_machine_catches_a_planted_bug(bug: str, monkeypatch: pytest.MonkeyPatch) -> None:
    PLANTED[bug](monkeypatch)
    quick = settings(
        max_examples=600,
        stateful_step_count=50,
        deadline=None,
        derandomize=True,
        suppress_health_check=CHECKS,
        phases=[Phase.generate],
    )
    with pytest.raises((AssertionError, ExceptionGroup)):
        run_state_machine_as_test(SessionRules, settings=quick)
