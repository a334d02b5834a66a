"""The main job: taking a request, opening its page, giving it back, ending it."""

import os
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from textual.app import App

from mechtui.api_errors import NoPage
from mechtui.formatting import running
from mechtui.models import Session, Status
from mechtui.rows import Tab
from mechtui.screens.ports import Lists, PageOpener, Say
from mechtui.screens.wishes import Done, NotDone, Outcome, Wishes
from mechtui.session_page import page_url
from mechtui.store import Store
from mechtui.terminal import has_clipboard
from mechtui.wording import called, next_words

if TYPE_CHECKING:
    from mechtui.screens.handoff import HandoffPanel

ACCEPT_PAUSE_SECONDS = 0.6
"""An accept repeated faster than this was not meant."""


class InHand:
    """Carries these actions out for all screens. `summarize` is called with a session that was completed."""

    def __init__(
        self,
        app: App[int],
        store: Store,
        wishes: Wishes,
        opener: PageOpener,
        lists: Callable[[], Lists],
        say: Say,
        run: Callable[[Coroutine[Any, Any, None]], None],
        summarize: Callable[[Session], None],
    ) -> None:
        self._app = app
        self._store = store
        self._wishes = wishes
        self._opener = opener
        self._lists = lists
        self._say = say
        self._run = run
        self._summarize = summarize
        self._accepted_at = float("-inf")

    def accept(self, row: Session) -> None:
        """Take a request. The same key again at once is one held too long, not a second wish."""
        now = self._store.clock.steady()
        if now - self._accepted_at >= ACCEPT_PAUSE_SECONDS:
            self._accepted_at = now
            self._run(self._accept(row))

    def open_page(self, row: Session, panel: "HandoffPanel | None" = None) -> None:
        """Open the session's page, or show its address in `panel` or a new one; either way the mechanic is in."""
        from mechtui.screens.handoff import HandoffPanel

        try:
            opened = self._opener.open(page_url(row))
        except NoPage as error:
            self._say("Nothing opened", str(error), "error")
            return
        if panel is not None:
            panel.opened = opened
            panel.refresh_text()
        elif opened:
            self._say("Opened in your browser", called(row))
        else:
            self._app.push_screen(HandoffPanel(self, self._store, row, won=False, opened=False))
        self._join(row)

    def release(self, row: Session) -> None:
        """Ask why, then give the session back."""
        from mechtui.screens.release import ReleasePanel

        def answer(reason: str | None) -> None:
            if reason is not None:
                self._run(self._release(row, reason))

        self._app.push_screen(ReleasePanel(row), answer)

    def end(self, row: Session) -> None:
        """Ask, then end the session."""
        from mechtui.screens.confirm import EndPanel

        def answer(yes: bool | None) -> None:
            if yes:
                self._run(self._end(row))

        self._app.push_screen(EndPanel(self._store, row), answer)

    def copy(self, row: Session, vin: str = "") -> None:
        """Send the address of the session's page, or else the VIN, to the clipboard of the terminal."""
        try:
            text, what = page_url(row), "The page's address"
        except NoPage:
            text, what = vin, "The VIN"
        self._app.copy_to_clipboard(text)
        sent = has_clipboard(os.environ)
        self._say("Sent to your clipboard" if sent else "This terminal has no clipboard", f"{what}: {text}")

    def won(self, session: Session) -> None:
        """The request is ours: show it under Active, and the way to its page."""
        from mechtui.screens.handoff import HandoffPanel

        self._lists().show_session(Tab.ACTIVE, session.id)
        try:
            opened = self._opener.can_open and self._opener.open(page_url(session))
        except NoPage:
            opened = False
        self._app.push_screen(HandoffPanel(self, self._store, session, won=True, opened=opened))
        if opened:
            self._join(session)

    def complain(self, outcome: NotDone) -> None:
        """Say why a wish was not carried out."""
        self._say(outcome.title, outcome.words, "warning")

    async def _accept(self, row: Session) -> None:
        match await (self._wishes.take(row.id) if row.is_offer else self._wishes.accept(row.id)):
            case Done(session):
                self.won(session)
            case NotDone(unknown=True) as outcome:
                self.complain(outcome)
            case NotDone() as outcome:
                following = self._lists().pass_over(row.id) if outcome.go_to is None else None
                more = f" {next_words(following)}" if outcome.go_to is None else ""
                self._say(outcome.title, f"{outcome.words}{more}", "warning")

    def _join(self, row: Session) -> None:
        if row.mechanic_joined_at is None:
            self._run(self._joined(row))

    async def _joined(self, row: Session) -> None:
        outcome = await self._wishes.join(row.id)
        if isinstance(outcome, NotDone):
            self.complain(outcome)

    async def _release(self, row: Session, reason: str) -> None:
        outcome = await self._wishes.release(row.id, reason)
        self._report(outcome, "Given back", f"{called(row)} is in the queue again.")

    async def _end(self, row: Session) -> None:
        outcome = await self._wishes.end(row.id)
        words = called(row)
        if isinstance(outcome, Done) and outcome.session.started_at and outcome.session.ended_at:
            words += f", {running((outcome.session.ended_at - outcome.session.started_at).total_seconds())} long"
        status = outcome.session.status.capitalize() if isinstance(outcome, Done) else ""
        self._report(outcome, status, words)
        if isinstance(outcome, Done) and outcome.session.status == Status.COMPLETED:
            self._summarize(outcome.session)

    def _report(self, outcome: Outcome, title: str, words: str) -> None:
        if isinstance(outcome, NotDone):
            self.complain(outcome)
        else:
            self._say(title, words)
