"""What is done with a request besides taking it: passing, snoozing, watching, undoing; adding time to a session,
and saying whether one is there."""

from collections.abc import Callable, Coroutine
from typing import Any

from textual.app import App

from mechtui.changes import Change
from mechtui.formatting import time_of_day
from mechtui.marks import SNOOZE_SECONDS, Step, Undo, snooze_until
from mechtui.models import Availability, HistoryRow, Session
from mechtui.screens.changing_hands import ChangingHands
from mechtui.screens.ports import Say
from mechtui.screens.wishes import NotDone, Wishes
from mechtui.store import Store
from mechtui.wording import availability_told, called


class Triage:
    """Carries these actions out. Each takes the row it is about, if there is one.

    `move_on` puts the cursor on the request after one that is dealt with.
    """

    def __init__(
        self,
        app: App[int],
        store: Store,
        wishes: Wishes,
        tell: Callable[[Change], None],
        say: Say,
        run: Callable[[Coroutine[Any, Any, None]], None],
        move_on: Callable[[str], object],
        hands: ChangingHands,
    ) -> None:
        self._app = app
        self._store = store
        self._wishes = wishes
        self._tell = tell
        self._say = say
        self._run = run
        self._move_on = move_on
        self._hands = hands
        self.actions: dict[str, Callable[[Session | None], None]] = {
            "pass": self._pass_or_back,
            "snooze": self._snooze_or_wake,
            "watch": self._watch,
            "undo": self._undo,
            "extend": self._extend,
            "availability": self._ask_availability,
            "handover": hands.offer_or_withdraw,
        }

    def _pass_or_back(self, row: Session | None) -> None:
        from mechtui.screens.passing import PassPanel

        if row is None:
            return
        if isinstance(row, HistoryRow):
            self._run(self._take_back(row))
            return
        if row.is_offer:
            self._hands.decline(row)
            return

        def answer(reason: str | None) -> None:
            if reason is not None:
                self._run(self._pass(row, reason))

        self._app.push_screen(PassPanel(row, self._store.keymap.name), answer)

    def _snooze_or_wake(self, row: Session | None) -> None:
        if row is None:
            return
        if row.id in self._store.marks.snoozed:
            self._tell(self._store.wake(row))
            return
        until = snooze_until(row, self._store.now)
        if until is None:
            self._say("Not snoozed", "It has too little time left for that.", "warning")
            return
        self._move_on(row.id)
        self._tell(self._store.snooze(row, until))
        back = time_of_day(until, self._store.clock.zone)
        self._say("Snoozed", f"{called(row)} is back in its place at {back}, in {SNOOZE_SECONDS // 60} min at most.")

    def _watch(self, row: Session | None) -> None:
        """Watch the request that is leaving under the cursor, else the last one that somebody took."""
        wanted = row if row is not None and row.id in self._store.leaving else self._store.last_taken
        if wanted is None:
            return
        if self._store.marks.watch(wanted):
            self._say("Watched", f"You are told if it comes back: {called(wanted)}.")
        else:
            self._say("No longer watched", called(wanted))

    def _undo(self, _: Session | None) -> None:
        match self._store.marks.last():
            case Undo(Step.PASSED, row):
                self._run(self._take_back(row))
            case Undo(Step.SNOOZED, row):
                self._tell(self._store.wake(row))
                self._say("Back in its place", called(row))
            case Undo(Step.WATCHED, row):
                self._store.marks.watched.pop(row.id, None)
                self._say("No longer watched", called(row))

    def _extend(self, row: Session | None) -> None:
        from mechtui.screens.extend import ExtendPanel

        if row is None:
            return

        def answer(minutes: int | None) -> None:
            if minutes is not None:
                self._run(self._add(row, minutes))

        self._app.push_screen(ExtendPanel(row), answer)

    def _ask_availability(self, _: Session | None) -> None:
        from mechtui.screens.availability import AvailabilityPanel

        def answer(availability: Availability | None) -> None:
            if availability is not None:
                self._run(self._set_availability(availability))

        self._app.push_screen(AvailabilityPanel(self._store.availability), answer)

    # --- how it is done ---------------------------------------------------------------------------------------

    async def _pass(self, row: Session, reason: str) -> None:
        outcome = await self._wishes.pass_on(row.id, reason)
        if isinstance(outcome, NotDone):
            self._say(outcome.title, outcome.words, "warning")
        else:
            self._store.marks.note(Step.PASSED, row)
            self._move_on(row.id)
            self._say("Left to the others", f"{called(row)}. {self._store.keymap.name('undo')} takes that back.")

    async def _set_availability(self, availability: Availability) -> None:
        outcome = await self._wishes.set_availability(availability)
        if outcome is None:
            self._say(*availability_told(availability, self._store.keymap.name))
        else:
            self._say(outcome.title, outcome.words, "warning")

    async def _take_back(self, row: Session) -> None:
        outcome = await self._wishes.undo_pass(row.id)
        if isinstance(outcome, NotDone):
            self._say(outcome.title, outcome.words, "warning")
        else:
            self._say("In your queue again", called(row))

    async def _add(self, row: Session, minutes: int) -> None:
        outcome = await self._wishes.extend(row.id, minutes)
        if isinstance(outcome, NotDone):
            self._say(outcome.title, outcome.words, "warning")
        else:
            self._say("Time added", f"{called(row)}: {minutes} more minutes.")
