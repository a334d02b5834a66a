"""What an action does: wishes sent in the background, their outcome said, panels opened, pages and copies handed out.

Screens decide which session an action is about and call it here, so that the same key does the same in a list, an
intake, the palette and under the mouse.
"""

from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Any, Literal, Protocol

from textual.app import App

from mechtui.actions import Context, Scope
from mechtui.api_errors import NoPage
from mechtui.cells import Look
from mechtui.changes import Change, News, Topic
from mechtui.formatting import running
from mechtui.keymap import DEFAULT, Keymap
from mechtui.models import Session, Status
from mechtui.rows import Tab
from mechtui.screens.afterwards import Afterwards, Keeps
from mechtui.screens.confirm import EndPanel, QuitPanel
from mechtui.screens.handoff import HandoffPanel
from mechtui.screens.help import HelpPanel
from mechtui.screens.known import Known
from mechtui.screens.pages import Pages
from mechtui.screens.palette import Entry, PalettePanel, entries_of
from mechtui.screens.photos import Photos
from mechtui.screens.ports import Client, FeedSource, PageOpener
from mechtui.screens.release import ReleasePanel
from mechtui.screens.triage import Triage
from mechtui.screens.wishes import Done, NotDone, Outcome, Wishes
from mechtui.session_page import page_url
from mechtui.store import Store
from mechtui.terminal import Bell
from mechtui.themes import THEME_NAMES
from mechtui.vehicle.codes import OWN_CODES, Codes
from mechtui.wording import called, news_words, next_words

Severity = Literal["information", "warning", "error"]

ACCEPT_PAUSE_SECONDS = 0.6
"""An accept repeated faster than this was not meant."""
_COME = {Topic.ARRIVED, Topic.RETURNED, Topic.WATCHED}
_REMIND = {Topic.PLAN_ENDS, Topic.OVERTIME, Topic.FORGOTTEN}
_WARN = {Topic.CLAIM_LOST, Topic.ENDED} | _REMIND
TOASTS_AT_ONCE = 3
"""Of more news than this at once only their number is said."""


class Lists(Protocol):
    """What is asked of the screen with the lists."""

    def show_tab(self, tab: Tab) -> None:
        """Show a tab."""

    def show_session(self, tab: Tab, row_id: str) -> None:
        """Show a tab with the cursor on a session."""

    def stand_at(self, tab: Tab, *, last: bool) -> None:
        """Put the cursor of a tab on the first or the last row held."""

    def show_intake(self, tab: Tab, row: Session) -> None:
        """Show all that is known of a session of a tab."""

    def pass_over(self, row_id: str) -> Session | None:
        """A request was lost: move on from it, and say where to."""


class Desk:
    """Carries out actions for all screens of one app."""

    def __init__(
        self,
        app: App[int],
        store: Store,
        client: Client,
        feed: FeedSource,
        opener: PageOpener,
        bell: Bell,
        keeps: Keeps,
        tell: Callable[[Change], None],
        codes: Codes = OWN_CODES,
        keymap: Keymap = DEFAULT,
    ) -> None:
        self._app = app
        self._store = store
        self._client = client
        self._feed = feed
        self._opener = opener
        self._bell = bell
        self._tell = tell
        self._codes = codes
        self.keymap = keymap
        self._accepted_at = float("-inf")
        self.wishes = Wishes(store, client, tell)
        self.pages = Pages(store, client, tell)
        self.triage = Triage(app, store, self.wishes, tell, self.say, self.run, self._move_on)
        self.known = Known(app, store, client, tell, lambda row: self.lists.show_intake(Tab.HISTORY, row))
        self.afterwards = Afterwards(app, store, client, self.wishes, keeps, tell)
        self.photos = Photos(app, client, keeps.downloads, tell)
        self.lists: Lists

    # --- what screens ask of it -------------------------------------------------------------------------------

    def context(self, tab: Tab, row: Session | None) -> Context:
        """What decides whether actions about a row of a tab are possible."""
        incoming = row is not None and tab is Tab.INCOMING
        return Context(
            tab=tab,
            row=row,
            mine=row is not None and self._store.is_mine(row),
            leaving=self._store.leaving.get(row.id) if row and incoming else None,
            claim=self._store.claims.get(row.id) if row and incoming else None,
            link=self._store.state,
            filtered=bool(self._store.rows(tab).filter_text.strip()),
            can_undo=bool(self._store.marks.steps),
            can_watch=self._store.last_taken is not None,
        )

    def look(self) -> Look:
        """How rows are to be looked at now."""
        return Look(now=self._store.now, zone=self._store.clock.zone, me=self._store.me.id, codes=self._codes)

    def say(self, title: str, words: str, severity: Severity = "information") -> None:
        """A toast. Its words come from outside, so they are never read as markup."""
        self._app.notify(words, title=title, severity=severity, markup=False)

    def run(self, work: Coroutine[Any, Any, None], group: str = "wish", *, exclusive: bool = False) -> None:
        """Do something in the background, on behalf of the app: it goes on when a panel closes."""
        self._app.run_worker(work, group=group, exclusive=exclusive)

    def tell_news(self, news: tuple[News, ...]) -> None:
        """Say what has happened, and ring for new requests."""
        arrived = [item for item in news if item.topic in _COME]
        if arrived or any(item.topic in _REMIND for item in news):
            self._bell.announce(urgent=any(item.session.urgent for item in arrived))
        if len(arrived) > TOASTS_AT_ONCE:
            self.say(f"{len(arrived)} new requests", "They are under 1 Incoming Requests.")
            news = tuple(item for item in news if item not in arrived)
        for item in news:
            self._say_news(item)

    def filter(self, tab: Tab, text: str) -> None:
        """Show only the rows of a tab that meet what was typed."""
        self._tell(self._store.filter(tab, text))

    def load(self, tab: Tab, then: Callable[[], None] = lambda: None) -> None:
        """Read what the backend has for a tab and its filter; `then` is called once it is shown."""
        self._read(tab, self.pages.first(tab), then)

    def load_more(self, tab: Tab, *, back: bool) -> None:
        """Read the next page of a tab, or the one before those held."""
        self.run(self.pages.back(tab) if back else self.pages.on(tab), group=f"page {tab}")

    def load_day(self, tab: Tab, at: datetime) -> None:
        """Go to the first row of a tab that is older than a moment."""
        self._read(tab, self.pages.day(tab, at), lambda: self.lists.stand_at(tab, last=False))

    def load_end(self, tab: Tab, *, last: bool) -> None:
        """Go to the last row of a tab that is held in part, or to the first."""
        reading = self.pages.last(tab) if last else self.pages.first(tab)
        self._read(tab, reading, lambda: self.lists.stand_at(tab, last=last))

    def _read(self, tab: Tab, reading: Coroutine[Any, Any, None], then: Callable[[], None]) -> None:
        async def read() -> None:
            await reading
            then()

        self.run(read(), group=f"page {tab}", exclusive=True)

    # --- actions ----------------------------------------------------------------------------------------------

    def accept(self, row: Session) -> None:
        """Take a request. The same key again at once is one held too long, not a second wish."""
        now = self._store.clock.steady()
        if now - self._accepted_at >= ACCEPT_PAUSE_SECONDS:
            self._accepted_at = now
            self.run(self._accept(row))

    def open_page(self, row: Session, panel: HandoffPanel | None = None) -> None:
        """Open the session's page, or show its address in `panel` or a new one; either way the mechanic is in."""
        try:
            opened = self._opener.open(page_url(row))
        except NoPage as error:
            self.say("Nothing opened", str(error), "error")
            return
        if panel is not None:
            panel.opened = opened
            panel.refresh_text()
        elif opened:
            self.say("Opened in your browser", called(row))
        else:
            self._app.push_screen(HandoffPanel(self, self._store, row, won=False, opened=False))
        self._join(row)

    def release(self, row: Session) -> None:
        """Ask why, then give the session back."""

        def answer(reason: str | None) -> None:
            if reason is not None:
                self.run(self._release(row, reason))

        self._app.push_screen(ReleasePanel(row), answer)

    def end(self, row: Session) -> None:
        """Ask, then end the session."""

        def answer(yes: bool | None) -> None:
            if yes:
                self.run(self._end(row))

        self._app.push_screen(EndPanel(self._store, row), answer)

    def copy(self, row: Session, vin: str = "") -> None:
        """Send the address of the session's page, or else the VIN, to the clipboard of the terminal."""
        try:
            text, what = page_url(row), "The page's address"
        except NoPage:
            text, what = vin, "The VIN"
        self._app.copy_to_clipboard(text)
        self.say("Sent to your clipboard", f"{what}: {text}")

    def retry(self) -> None:
        """Ask the backend again at once: the feed, what is unknown, and lists that could not be read."""
        self._feed.retry_now()
        self.settle()
        for tab in self._store.reach:
            if self.pages.was_read(tab):
                self.load(tab)

    def reading(self, session_id: str | None) -> None:
        """Tell the others which intake is open here."""
        self._feed.reading(session_id)

    def settle(self) -> None:
        """Ask what became of writes whose answers were lost."""
        self.run(self._settle(), group="settle", exclusive=True)

    def help(self, context: Context) -> None:
        """Show the keys."""
        self._app.push_screen(HelpPanel(context, self.keymap))

    def palette(self, scope: Scope, context: Context, run: Callable[[str], None]) -> None:
        """Offer every action by name, and the themes."""
        actions = [action for action in self.keymap.heard_in(scope) if action.id != "palette"]
        themes = [
            Entry(f"theme: {name}", "", "Other colours.", lambda name=name: setattr(self._app, "theme", name))  # type: ignore[misc]
            for name in THEME_NAMES
        ]

        def chosen(entry: Entry | None) -> None:
            if entry is not None:
                entry.run()

        self._app.push_screen(PalettePanel([*entries_of(actions, context, run), *themes]), chosen)

    def quit(self) -> None:
        """Leave; with a live session, ask first."""
        active = self._store.active
        if active is None or active.status != Status.LIVE:
            self._app.exit(0)
            return
        self._app.push_screen(QuitPanel(active), lambda yes: self._app.exit(0) if yes else None)

    # --- how it is done ---------------------------------------------------------------------------------------

    def _move_on(self, row_id: str) -> None:
        self.lists.pass_over(row_id)

    def _say_news(self, news: News) -> None:
        if news.topic is Topic.CLAIM_WON:
            self._hand_over(news.session)
            return
        warn = news.topic in _WARN or (news.topic is Topic.ARRIVED and news.session.urgent)
        self.say(*news_words(news), "warning" if warn else "information")

    async def _accept(self, row: Session) -> None:
        match await self.wishes.accept(row.id):
            case Done(session):
                self._hand_over(session)
            case NotDone(unknown=True) as outcome:
                self._complain(outcome)
            case NotDone() as outcome:
                following = self.lists.pass_over(row.id) if outcome.go_to is None else None
                more = f" {next_words(following)}" if outcome.go_to is None else ""
                self.say(outcome.title, f"{outcome.words}{more}", "warning")

    def _hand_over(self, session: Session) -> None:
        """The request is ours: show it under Active, and the way to its page."""
        self.lists.show_session(Tab.ACTIVE, session.id)
        try:
            opened = self._opener.can_open and self._opener.open(page_url(session))
        except NoPage:
            opened = False
        self._app.push_screen(HandoffPanel(self, self._store, session, won=True, opened=opened))
        if opened:
            self._join(session)

    def _join(self, row: Session) -> None:
        if row.mechanic_joined_at is None:
            self.run(self._joined(row))

    async def _joined(self, row: Session) -> None:
        outcome = await self.wishes.join(row.id)
        if isinstance(outcome, NotDone):
            self._complain(outcome)

    async def _release(self, row: Session, reason: str) -> None:
        outcome = await self.wishes.release(row.id, reason)
        self._report(outcome, "Given back", f"{called(row)} is in the queue again.")

    async def _end(self, row: Session) -> None:
        outcome = await self.wishes.end(row.id)
        words = called(row)
        if isinstance(outcome, Done) and outcome.session.started_at and outcome.session.ended_at:
            words += f", {running((outcome.session.ended_at - outcome.session.started_at).total_seconds())} long"
        status = outcome.session.status.capitalize() if isinstance(outcome, Done) else ""
        self._report(outcome, status, words)
        if isinstance(outcome, Done) and outcome.session.status == Status.COMPLETED:
            self.afterwards.summarize(outcome.session)

    async def _settle(self) -> None:
        for outcome in await self.wishes.ask_again():
            self._complain(outcome)

    def _report(self, outcome: Outcome, title: str, words: str) -> None:
        if isinstance(outcome, NotDone):
            self._complain(outcome)
        else:
            self.say(title, words)

    def _complain(self, outcome: NotDone) -> None:
        self.say(outcome.title, outcome.words, "warning")
