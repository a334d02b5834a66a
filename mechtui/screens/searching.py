"""What narrows a list and where one goes in it: the line for the filter, the ends of the list, a day."""

from textual.timer import Timer
from textual.widgets import Input

from mechtui.config_file import ConfigError
from mechtui.formatting import Piece
from mechtui.rows import Tab
from mechtui.saved_filters import SHIPPED, FilterBook
from mechtui.screens.desk import Desk
from mechtui.screens.panel import Acting
from mechtui.search.days import moment
from mechtui.store import Store
from mechtui.text import SafeText
from mechtui.widgets.bars import NoticeBar
from mechtui.widgets.search_input import SearchInput
from mechtui.widgets.session_list import SessionList
from mechtui.wording import query_hint

SEARCH_SECONDS = 0.15
"""The backend is asked once typing has paused for so long."""


class Searching(Acting[None]):
    """The part of the dashboard that finds things."""

    def __init__(self, desk: Desk, store: Store, filters: FilterBook) -> None:
        super().__init__()
        self._filters = filters
        self._desk = desk
        self._store = store
        self.sessions = SessionList(store)
        self.search = SearchInput(placeholder="words, a type, a day, field:value", compact=True)
        self._notice = NoticeBar(store, self.sessions.beyond, self._query_hint)
        self._search_timer: Timer | None = None

    def _query_hint(self) -> Piece | None:
        return query_hint(self._store.rows(self.sessions.tab).query, typing=self.has_class("searching"))

    # --- the line for the filter ------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """In the line, the key that opens it is a character like others."""
        return not (parameters == ("search",) and self.focused is self.search)

    def do_search(self) -> None:
        """Open the line for the filter of this tab."""
        self.add_class("searching")
        with self.search.prevent(Input.Changed):
            self.search.value = self._store.rows(self.sessions.tab).filter_text
        self.set_focus(self.search)
        self._notice.sync()

    def do_back(self) -> None:
        """Close the line, else show all again, else go back to the first row."""
        reach = self._store.reach.get(self.sessions.tab)
        if self._store.rows(self.sessions.tab).filter_text:
            self._filter("")
        elif reach and reach.back and not self.has_class("searching"):
            self.do_first()
        self._close_search()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter as one types."""
        self._filter(event.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """To the rows found; the filter stays."""
        self._close_search()

    def _close_search(self) -> None:
        if self.has_class("searching"):
            self.remove_class("searching")
            self.set_focus(self.sessions)
            self._notice.sync()

    def _filter(self, text: str) -> None:
        tab = self.sessions.tab
        self._desk.filter(tab, text)
        self.sessions.rise()
        if self._search_timer is not None:
            self._search_timer.stop()
        if tab in self._store.reach:
            self._search_timer = self.set_timer(SEARCH_SECONDS, lambda: self._desk.load(tab, self.sessions.rise))

    # --- saved filters ----------------------------------------------------------------------------------------

    def do_filters(self) -> None:
        """Offer the saved filters, and narrow the list by the one chosen."""
        from mechtui.screens.filters import FiltersPanel

        def chosen(query: str | None) -> None:
            if query is not None:
                self._filter(SafeText(query))

        saved = self._saved()
        panel = FiltersPanel(self._desk, self._store, self.sessions.tab, saved, self._forget)
        self.app.push_screen(panel, chosen)

    def _forget(self, name: str) -> dict[str, str]:
        try:
            self._filters.forget(name)
        except ConfigError as error:
            self._desk.say("The filter was not forgotten", str(error), "error")
        return self._saved()

    def _saved(self) -> dict[str, str]:
        try:
            return self._filters.all()
        except ConfigError as error:
            self._desk.say("The filters of your own could not be read", str(error), "error")
            return dict(SHIPPED)

    def do_save_filter(self) -> None:
        """Ask for a name, and keep the filter of this tab under it."""
        from mechtui.screens.filters import SaveFilterPanel

        query = self._store.rows(self.sessions.tab).filter_text.strip()

        def named(name: str | None) -> None:
            if name is not None:
                self._save(name, query)

        self.app.push_screen(SaveFilterPanel(query, self._saved(), self._store.keymap.name), named)

    def _save(self, name: str, query: str) -> None:
        try:
            self._filters.save(name, query)
        except ConfigError as error:
            self._desk.say("The filter was not saved", str(error), "error")
        else:
            self._desk.say("Filter saved", f"{name}: {self._store.keymap.name('filters')} offers it from now on.")

    # --- places in a long list --------------------------------------------------------------------------------

    def do_first(self) -> None:
        """To the first row, which the backend may have to be asked for."""
        reach = self._store.reach.get(self.sessions.tab)
        if reach and reach.back is not None:
            self._desk.load_end(self.sessions.tab, last=False)
        else:
            self.sessions.go(0)

    def do_last(self) -> None:
        """To the last row, which the backend may have to be asked for."""
        reach = self._store.reach.get(self.sessions.tab)
        if reach and reach.cursor is not None:
            self._desk.load_end(self.sessions.tab, last=True)
        else:
            self.sessions.go(len(self.sessions.shown) - 1)

    def do_day(self) -> None:
        """Ask for a day, then go to the last row of it."""
        from mechtui.screens.day import DayPanel

        tab = self.sessions.tab

        def chosen(end: int | None) -> None:
            if end is not None:
                self._desk.load_day(tab, moment(end))

        self.app.push_screen(DayPanel(tab, self._store.today), chosen)

    def stand_at(self, tab: Tab, *, last: bool) -> None:
        """Put the cursor of a tab on the first or the last row held, if one is still there to see it."""
        if tab is self.sessions.tab:
            self.sessions.go(len(self.sessions.shown) - 1 if last else 0)
