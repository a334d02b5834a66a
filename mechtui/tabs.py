"""The rows of the four tabs, and how far those were read that come page by page. Pure."""

from dataclasses import replace

from mechtui.changes import NOTHING, Change, Loading, Reach, Step
from mechtui.clock import Clock
from mechtui.models import Counts, HistoryRow, Page, Person, Session
from mechtui.presence import Presence
from mechtui.rows import KEYS, Tab, TabRows
from mechtui.search.days import Today
from mechtui.search.predicate import Viewer, predicate_of
from mechtui.search.syntax import Query, parse
from mechtui.text import SafeText, safe_model
from mechtui.window import Window


class Tabs(Presence):
    """Rows found by tab and id, narrowed as one types, and taken in by pages."""

    def __init__(self, clock: Clock | None = None) -> None:
        super().__init__(clock)
        self.me = Person(id="", name="")
        self.tabs = {tab: TabRows(KEYS[tab]) for tab in Tab}
        self.reach = {Tab.COMPLETED: Reach(), Tab.HISTORY: Reach()}
        self._windows = {tab: Window() for tab in self.reach}
        self._counts = Counts()
        self._counts_seq = -1

    @property
    def today(self) -> Today:
        """What day it is here, by the server's clock."""
        return Today(self.now, self.clock.zone)

    def rows(self, tab: Tab) -> TabRows:
        """The rows of a tab."""
        return self.tabs[tab]

    def row(self, tab: Tab, row_id: str | None) -> Session | None:
        """One row of a tab."""
        return self.tabs[tab].rows.get(row_id) if row_id is not None else None

    def find(self, row_id: str) -> Session | None:
        """The newest that is known of a session, in whichever tab."""
        found = [rows.rows[row_id] for rows in self.tabs.values() if row_id in rows.rows]
        return max(found, key=lambda row: row.version, default=None)

    def apply_page(self, tab: Tab, text: str, page: Page[Session] | Page[HistoryRow], step: Step) -> Change:
        """Take in a page of Completed or History that was asked for while the filter was `text`.

        An answer to a filter that has changed since is dropped.
        """
        rows = self.tabs[tab]
        if text != rows.filter_text:
            return NOTHING
        self.tell_time(page.server_now)
        fresh: list[Session] = [safe_model(row) for row in page.items]
        newest = [max(row, rows.rows.get(row.id, row), key=lambda each: each.version) for row in fresh]
        if step in {Step.ON, Step.BACK}:
            self._windows[tab].extend(rows, newest, page, step)
        else:
            self._windows[tab].begin(rows, newest, page, step)
        self.reach[tab] = self._windows[tab].reach(text, page.total)
        if not rows.query and page.seq >= self._counts_seq:
            self._counts = self._counts.model_copy(update={str(tab): page.total})
        return Change(frozenset({tab}), frozenset(row.id for row in newest))

    def page_failed(self, tab: Tab, text: str, why: str) -> Change:
        """A page could not be read."""
        if text != self.tabs[tab].filter_text:
            return NOTHING
        self.reach[tab] = replace(self.reach[tab], filter_text=text, loading=Loading.FAILED, why=SafeText(why))
        return Change(frozenset({tab}))

    def page_asked(self, tab: Tab) -> Change:
        """A page is being read."""
        text = self.tabs[tab].filter_text
        before = self.reach[tab]
        start = before if before.filter_text == text else Reach(text)
        self.reach[tab] = replace(start, loading=Loading.UNDER_WAY, why="")
        return Change(frozenset({tab}))

    def filter(self, tab: Tab, text: str) -> Change:
        """Show only the rows of a tab that meet what was typed."""
        query = parse(text, self.today)
        self.tabs[tab].narrow(query, Viewer(self.me.id, lambda: self.now))
        return Change(frozenset({tab}))

    def count_of(self, tab: Tab, query: Query) -> int:
        """How many of the rows held in a tab a query finds."""
        meets = predicate_of(query.tree, Viewer(self.me.id, lambda: self.now))
        return sum(map(meets, self.tabs[tab].rows.values()))

    def _merge(self, tab: Tab, row: Session) -> None:
        """Put a row into a paged list, unless it belongs to a part of it that is not held."""
        rows, reach = self.tabs[tab], self.reach[tab]
        if reach.loading is Loading.NOT_YET:
            return
        rank, new = rows.rank(row), row.id not in rows.rows
        above = rank == 0 and reach.back is not None
        below = rank == len(rows.held) and reach.cursor is not None
        if new and above:
            self._windows[tab].skipped += 1
            self.reach[tab] = replace(reach, skipped=reach.skipped + 1)
        if not new or not (above or below):
            rows.put(row)

    def _count(self, counts: Counts, seq: int) -> Change:
        """Take in the server's counts as of `seq`, unless newer ones are known."""
        if seq < self._counts_seq or counts == self._counts:
            return NOTHING
        self._counts, self._counts_seq = counts, seq
        return Change(frozenset(Tab))
