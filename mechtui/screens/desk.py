"""What an action does: wishes sent in the background, their outcome said, panels opened, pages and copies handed out.

Screens decide which session an action is about and call it here, so that the same key does the same in a list, an
intake, the palette and under the mouse.
"""

from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Any

from textual.app import App

from mechtui.actions import Context
from mechtui.cells import Look
from mechtui.changes import Change, News, Topic
from mechtui.key_names import Scope
from mechtui.models import Session, Status
from mechtui.rows import Tab
from mechtui.screens.afterwards import Afterwards, Keeps
from mechtui.screens.changing_hands import ChangingHands
from mechtui.screens.in_hand import InHand
from mechtui.screens.known import Known
from mechtui.screens.pages import Pages
from mechtui.screens.photos import Photos
from mechtui.screens.ports import Client, FeedSource, Lists, PageOpener, Severity
from mechtui.screens.triage import Triage
from mechtui.screens.wishes import NotDone, Wishes
from mechtui.store import Store
from mechtui.terminal import Bell
from mechtui.themes import THEME_NAMES
from mechtui.vehicle.codes import OWN_CODES, Codes
from mechtui.wording import news_words

_COME = {Topic.ARRIVED, Topic.RETURNED, Topic.WATCHED, Topic.OFFERED}
_NOT_WHILE_AWAY = {Topic.ARRIVED, Topic.RETURNED, Topic.TAKEN}
"""Nobody who is away is told how requests come and go, unless he watches one."""
_REMIND = {Topic.PLAN_ENDS, Topic.OVERTIME, Topic.FORGOTTEN}
_WARN = {Topic.CLAIM_LOST, Topic.ENDED, Topic.OFFER_DECLINED} | _REMIND
TOASTS_AT_ONCE = 3
"""Of more news than this at once only their number is said."""


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
    ) -> None:
        self._app = app
        self._store = store
        self._client = client
        self._feed = feed
        self._bell = bell
        self._tell = tell
        self._codes = codes
        self.wishes = Wishes(store, client, tell)
        self.pages = Pages(store, client, tell)
        self.hands = ChangingHands(app, self.wishes, client.colleagues, self.say, self.run)
        self.triage = Triage(app, store, self.wishes, tell, self.say, self.run, self._move_on, self.hands)
        self.known = Known(app, store, client, tell, lambda row: self.lists.show_intake(Tab.HISTORY, row))
        self.afterwards = Afterwards(app, store, client, self.wishes, keeps, tell)
        self.in_hand = InHand(
            app, store, self.wishes, opener, lambda: self.lists, self.say, self.run, self.afterwards.summarize
        )
        self.photos = Photos(app, client, keeps.downloads, tell, store.keymap.name)
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
            key=self._store.keymap.name,
        )

    def look(self) -> Look:
        """How rows are to be looked at now."""
        store = self._store
        return Look(store.now, store.clock.zone, store.me.id, codes=self._codes, key=store.keymap.name)

    def say(self, title: str, words: str, severity: Severity = "information") -> None:
        """A toast. Its words come from outside, so they are never read as markup."""
        self._app.notify(words, title=title, severity=severity, markup=False)

    def run(self, work: Coroutine[Any, Any, None], group: str = "wish", *, exclusive: bool = False) -> None:
        """Do something in the background, on behalf of the app: it goes on when a panel closes."""
        self._app.run_worker(work, group=group, exclusive=exclusive)

    def tell_news(self, news: tuple[News, ...]) -> None:
        """Say what has happened, and ring for new requests unless he is away."""
        if self._store.is_quiet:
            news = tuple(item for item in news if item.topic not in _NOT_WHILE_AWAY)
        arrived = [item for item in news if item.topic in _COME]
        if arrived or any(item.topic in _REMIND for item in news):
            self._bell.announce(urgent=any(item.session.urgent for item in arrived))
        if len(arrived) > TOASTS_AT_ONCE:
            self.say(
                f"{len(arrived)} new requests",
                f"They are under {self._store.keymap.name(Tab.INCOMING)} Incoming Requests.",
            )
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
        from mechtui.screens.help import HelpPanel

        self._app.push_screen(HelpPanel(context, self._store.keymap))

    def palette(self, scope: Scope, context: Context, run: Callable[[str], None]) -> None:
        """Offer every action by name, and the themes."""
        from mechtui.screens.palette import Entry, PalettePanel, entries_of

        actions = [action for action in self._store.keymap.heard_in(scope) if action.id != "palette"]
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
        from mechtui.screens.confirm import QuitPanel

        active = self._store.active
        if active is None or active.status != Status.LIVE:
            self._app.exit(0)
            return
        self._app.push_screen(
            QuitPanel(active, self._store.keymap.name), lambda yes: self._app.exit(0) if yes else None
        )

    # --- how it is done ---------------------------------------------------------------------------------------

    def _move_on(self, row_id: str) -> None:
        self.lists.pass_over(row_id)

    def _say_news(self, news: News) -> None:
        if news.topic is Topic.CLAIM_WON:
            self.in_hand.won(news.session)
            return
        warn = news.topic in _WARN or (news.topic is Topic.ARRIVED and news.session.urgent)
        self.say(*news_words(news, self._store.keymap.name), "warning" if warn else "information")

    async def _settle(self) -> None:
        for outcome in await self.wishes.ask_again():
            if isinstance(outcome, NotDone):
                self.in_hand.complain(outcome)
            else:
                self.in_hand.won(outcome.session)
