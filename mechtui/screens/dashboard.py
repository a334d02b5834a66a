"""The four lists, with the preview beside or below: where a mechanic spends the day."""

from dataclasses import replace
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, Horizontal
from textual.events import Resize
from textual.timer import Timer
from textual.widgets import Static

from mechtui.actions import Context
from mechtui.changes import Change
from mechtui.key_names import Scope
from mechtui.models import Session
from mechtui.rows import Tab
from mechtui.saved_filters import FilterBook
from mechtui.screens.desk import Desk
from mechtui.screens.intake import IntakePanel
from mechtui.screens.panel import bindings_for
from mechtui.screens.ports import Client
from mechtui.screens.searching import Searching
from mechtui.store import Store
from mechtui.widgets.bars import HeaderBar, KeyBar, KeyHint, TabBar, hints_of
from mechtui.widgets.preview import Preview, Subject
from mechtui.widgets.session_list import SessionList

BUSY_SECONDS = 0.2
"""Keys that come faster than this are one movement."""
CALM_SECONDS = 8.0
"""After so long without a key nobody is about to press one."""
WIDE = 110
"""From this width on the preview stands beside the list."""


class DashboardScreen(Searching):
    """The lists and what belongs to them."""

    BINDINGS: ClassVar[list[BindingType]] = bindings_for(Scope.LIST)
    AUTO_FOCUS = "SessionList"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide"), (170, "-huge")]  # noqa: RUF012 - Textual's own way
    VERTICAL_BREAKPOINTS = [(0, "-tiny"), (18, "-short"), (22, "-middle"), (34, "-tall")]  # noqa: RUF012

    preview_seconds: float = 0.15
    """The preview follows once the cursor has rested for so long: a held key paints two lines a step, no more."""

    def __init__(self, desk: Desk, store: Store, client: Client, filters: FilterBook) -> None:
        super().__init__(desk, store, filters)
        self._client = client
        self.preview = Preview(self._subject, store.keymap.name)
        self._header = HeaderBar(store)
        self._tab_bar = TabBar(store)
        self._key_bar = KeyBar(self._hints)
        self._touched_at = store.clock.steady()
        self._preview_timer: Timer | None = None
        self._was_synced = False

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        yield self._header
        yield self._tab_bar
        with Horizontal(id="search"):
            yield Static(" / ", markup=False)
            yield self.search
        yield self._notice
        with Container(id="body"):
            yield self.sessions
            yield self.preview
        yield self._key_bar

    # --- kept up to date --------------------------------------------------------------------------------------

    def context(self) -> Context:
        """What is possible with the selected row."""
        return self._desk.context(self.sessions.tab, self.sessions.selected)

    @property
    def busy(self) -> bool:
        """Whether keys are coming."""
        return self._store.clock.steady() - self._touched_at < BUSY_SECONDS

    def tick(self) -> None:
        """A second has passed: paint the clocks whose text changed."""
        if self._store.clock.steady() - self._touched_at > CALM_SECONDS:
            self.sessions.calm()
        self.sessions.sync()
        self._sync_around()

    def refresh_from(self, change: Change) -> None:
        """The store has changed: paint what differs. Where one is not looking nothing is painted."""
        if change.tabs or change.ids or change.link:
            self.sessions.follow()
            self._sync_around()
        if self._store.synced and not self._was_synced:
            self._was_synced = True
            if self._store.active is not None:
                self.show_tab(Tab.ACTIVE)

    def _sync_around(self) -> None:
        for painted in (self._header, self._tab_bar, self._notice, self._key_bar, self.preview):
            painted.sync()

    def _subject(self) -> Subject | None:
        row = self.sessions.selected
        if row is None:
            return None
        tab = self.sessions.tab
        leaving = self._store.leaving.get(row.id) if tab is Tab.INCOMING else None
        earlier = self._desk.known.earlier(row.id)
        look = replace(self._desk.look(), leaving=leaving, marks=self._store.rows(tab).marks, earlier=earlier)
        fit = self._desk.known.fit(row) if tab is Tab.INCOMING else None
        return row, replace(look, readers=self._store.readers.get(row.id, ()), fit=fit)

    def _hints(self) -> list[KeyHint]:
        return hints_of(self._store.keymap.footer(self.context()))

    def on_resize(self, event: Resize) -> None:
        """Beside the list the preview has a rule of its own."""
        self.preview.beside = event.size.width >= WIDE
        self.preview.repaint()

    def on_session_list_moved(self, event: SessionList.Moved) -> None:
        """The footer follows at once, the preview when the cursor rests."""
        self._key_bar.sync()
        self._notice.sync()
        if self._preview_timer is not None:
            self._preview_timer.stop()
        self._preview_timer = self.set_timer(self.preview_seconds, self.preview.sync)

    def on_session_list_chosen(self, event: SessionList.Chosen) -> None:
        """A second click on a row opens its intake."""
        self.action_do("intake")

    def on_session_list_near_end(self, event: SessionList.NearEnd) -> None:
        """Read on before the end is reached, either one."""
        self._desk.load_more(event.tab, back=event.back)

    # --- asked by the desk ------------------------------------------------------------------------------------

    def show_tab(self, tab: Tab) -> None:
        """Show a tab, reading it where that was not done yet."""
        self._tab_bar.tab = tab
        self._close_search()
        self.sessions.show_tab(tab)
        self._sync_around()
        if self._desk.pages.is_needed(tab):
            self._desk.load(tab)

    def show_session(self, tab: Tab, row_id: str) -> None:
        """Show a tab with the cursor on a session."""
        self.show_tab(tab)
        self.sessions.select(row_id)

    def show_intake(self, tab: Tab, row: Session) -> None:
        """Show all that is known of a session of a tab."""
        self.app.push_screen(IntakePanel(self._desk, self._store, self._client, tab, row))

    def pass_over(self, row_id: str) -> Session | None:
        """A request was lost: move on from it, and say where to."""
        following = self.sessions.next_after(row_id) if self.sessions.tab is Tab.INCOMING else None
        if following is None:
            return None
        if self.sessions.view.cursor == row_id:
            self.sessions.select(following)
        return self._store.row(Tab.INCOMING, following)

    # --- actions ----------------------------------------------------------------------------------------------

    def action_do(self, action_id: str) -> None:
        """Run an action on the row that is painted as selected."""
        self._touched_at = self._store.clock.steady()
        super().action_do(action_id)

    def about_row(self, action_id: str) -> None:
        """Run an action on the selected row."""
        self._desk.triage.actions[action_id](self.sessions.selected)

    def do_accept(self) -> None:
        """Take the request."""
        if row := self.sessions.selected:
            self._desk.in_hand.accept(row)

    def do_intake(self) -> None:
        """Show all that is known of the row."""
        if row := self.sessions.selected:
            self.show_intake(self.sessions.tab, row)

    def do_files(self) -> None:
        """Show the photos and files."""
        if row := self.sessions.selected:
            self._desk.photos.show_files(row)

    def do_earlier(self) -> None:
        """Show what was before."""
        if row := self.sessions.selected:
            self._desk.known.show_earlier(row, self._desk.look())

    def do_open(self) -> None:
        """Open the session's page."""
        if row := self.sessions.selected:
            self._desk.in_hand.open_page(row)

    def do_release(self) -> None:
        """Give the session back."""
        if row := self.sessions.selected:
            self._desk.in_hand.release(row)

    def do_end(self) -> None:
        """End the session."""
        if row := self.sessions.selected:
            self._desk.in_hand.end(row)

    def do_summary(self) -> None:
        """Write the session's summary."""
        if row := self.sessions.selected:
            self._desk.afterwards.summarize(row)

    def do_report(self) -> None:
        """Save the session's report."""
        if row := self.sessions.selected:
            self._desk.afterwards.report(row)

    def do_copy(self) -> None:
        """Copy the page's address."""
        if row := self.sessions.selected:
            self._desk.in_hand.copy(row)

    def do_incoming(self) -> None:
        """To Incoming Requests."""
        self.show_tab(Tab.INCOMING)

    def do_active(self) -> None:
        """To Active."""
        self.show_tab(Tab.ACTIVE)

    def do_completed(self) -> None:
        """To Completed."""
        self.show_tab(Tab.COMPLETED)

    def do_history(self) -> None:
        """To History."""
        self.show_tab(Tab.HISTORY)

    def do_export(self) -> None:
        """This list as a file."""
        self._desk.afterwards.export(self.sessions.tab)

    def do_stats(self) -> None:
        """The mechanic's own figures."""
        self._desk.afterwards.stats(self._show_found)

    def _show_found(self, tab: Tab, query: str) -> None:
        self.show_tab(tab)
        self._filter(query)

    def do_up(self) -> None:
        """One row up."""
        self.sessions.move(-1)

    def do_down(self) -> None:
        """One row down."""
        self.sessions.move(1)

    def do_page_up(self) -> None:
        """One page up."""
        self.sessions.move(-self.sessions.page)

    def do_page_down(self) -> None:
        """One page down."""
        self.sessions.move(self.sessions.page)

    def do_preview(self) -> None:
        """Show or hide the preview."""
        self.toggle_class("no-preview")

    def do_retry(self) -> None:
        """Ask the backend again."""
        self._desk.retry()

    def do_help(self) -> None:
        """The keys."""
        self._desk.help(self.context())

    def do_palette(self) -> None:
        """The actions by name."""
        self._desk.palette(Scope.LIST, self.context(), self.action_do)

    def do_quit(self) -> None:
        """Leave."""
        self._desk.quit()
