"""The list of a tab: one line a row, the cursor kept by session id.

It paints rows by their place in the store and keeps none of its own, so fifty thousand load as fast as five. It does
its own scrolling: rows that come or go above the cursor never move the line it stands on, even when that leaves the
first rows out of sight; `beyond` says how many, and `calm` brings them back once nobody is typing.
"""

from dataclasses import dataclass

from textual.events import Click, MouseScrollDown, MouseScrollUp, Resize
from textual.message import Message

from mechtui.cells import Look, cells
from mechtui.columns import Column, layout, titles
from mechtui.formatting import Line, Piece, wrap
from mechtui.models import Session
from mechtui.replica import LinkState
from mechtui.rows import Order, Tab
from mechtui.store import Store
from mechtui.widgets.painted import Painted
from mechtui.wording import TRUSTED, empty_words

TITLE_LINES = 1
_WHEEL_LINES = 3
_NEAR_END = 30
"""More is asked for when fewer rows than this are left below the cursor."""


@dataclass
class View:
    """Where one stands in a tab: on which session, at which place, with which place on the first line."""

    cursor: str | None = None
    place: int = 0
    top: int = 0


class SessionList(Painted, can_focus=True):
    """The rows of one tab at a time. Holds a view for each tab."""

    @dataclass
    class Moved(Message):
        """The cursor is on another row, or its row has changed place."""

        row_id: str | None

    @dataclass
    class Chosen(Message):
        """A row was clicked that had the cursor already."""

    @dataclass
    class NearEnd(Message):
        """Few rows are left below the cursor, or above it with `back`, and the backend has more."""

        tab: Tab
        back: bool = False

    def __init__(self, store: Store, *, id: str | None = None) -> None:  # noqa: A002 - Textual's word
        super().__init__(id=id)
        self.store = store
        self.tab = Tab.INCOMING
        self._views = {tab: View() for tab in Tab}
        self._columns: tuple[Column, ...] = ()

    # --- where one stands -------------------------------------------------------------------------------------

    @property
    def view(self) -> View:
        """Where one stands in this tab."""
        return self._views[self.tab]

    @property
    def shown(self) -> Order:
        """The ids of this tab's rows, in order."""
        return self.store.rows(self.tab).shown

    @property
    def selected(self) -> Session | None:
        """The row that has the cursor, as it is painted."""
        return self.store.row(self.tab, self.view.cursor)

    @property
    def page(self) -> int:
        """How many rows fit."""
        return max(1, self.size.height - TITLE_LINES)

    def show_tab(self, tab: Tab) -> None:
        """Show another tab, where one stood in it before."""
        self.tab = tab
        self._columns = layout(tab, self.size.width)
        self.follow()

    def move(self, rows: int) -> None:
        """Move the cursor by so many rows, as far as there are any."""
        self.go(self.view.place + rows)

    def go(self, place: int) -> None:
        """Put the cursor on a place, or the nearest there is."""
        view, before = self.view, (self.view.place, self.view.top)
        if not len(self.shown):
            return
        view.place = min(max(place, 0), len(self.shown) - 1)
        view.cursor = self.shown.at(view.place)
        self._keep_in_sight()
        self._paint_move(*before)
        self._tell()

    def select(self, row_id: str) -> None:
        """Put the cursor on a session, if it is in this tab."""
        place = self.shown.place(row_id)
        if place is not None:
            self.go(place)

    def next_after(self, row_id: str) -> str | None:
        """The session to look at when this one is lost: the first open one below it, else above."""
        place = self.shown.place(row_id)
        if place is None:
            return self.view.cursor
        below = range(place + 1, len(self.shown))
        for other in (*below, *reversed(range(place))):
            if self.shown.at(other) not in self.store.leaving:
                return self.shown.at(other)
        return None

    def calm(self) -> None:
        """Nobody is typing: leave no empty lines below while there are rows above."""
        lowest = max(0, len(self.shown) - self.page)
        if self.view.top > lowest:
            self.view.top = lowest
            self.sync()

    def rise(self) -> None:
        """These are other rows than before: show the first of them, or as many of them as the cursor lets."""
        self.view.top = 0
        self._keep_in_sight()
        self.sync()

    def follow(self) -> None:
        """Rows came, went or moved: keep to the session under the cursor, and its line on the screen."""
        view, before = self.view, self.view.cursor
        place = self.shown.place(view.cursor) if view.cursor is not None else None
        if place is None:
            place = min(view.place, max(0, len(self.shown) - 1))
            view.cursor = self.shown.at(place) if len(self.shown) else None
        else:
            view.top += place - view.place
        view.place = place
        self._keep_in_sight()
        self.sync()
        if view.cursor != before:
            self._tell()
        self._ask_for_more()

    # --- what it looks like -----------------------------------------------------------------------------------

    def line(self, y: int) -> Line:
        """The titles, then a row a line."""
        if y < TITLE_LINES:
            return titles(self._columns)
        place = self.view.top + y - TITLE_LINES
        if place < len(self.shown):
            return self._row(self.shown.at(place))
        return self._empty(y) if not len(self.shown) else ()

    def _row(self, row_id: str) -> Line:
        store, row = self.store, self.store.rows(self.tab).rows[row_id]
        incoming = self.tab is Tab.INCOMING
        look = Look(
            now=store.now,
            zone=store.clock.zone,
            me=store.me.id,
            claim=store.claims.get(row_id) if incoming else None,
            leaving=store.leaving.get(row_id) if incoming else None,
            readers=store.readers.get(row_id, ()) if incoming else (),
            snoozed=store.marks.snoozed.get(row_id) if incoming else None,
            selected=row_id == self.view.cursor,
            draft=row_id in store.drafts,
            old=store.state not in TRUSTED and store.state is not LinkState.CATCHING_UP,
            marks=store.rows(self.tab).marks,
        )
        return cells(self.tab, row, self._columns, look)

    def _empty(self, y: int) -> Line:
        first, *more = empty_words(self.store, self.tab)
        width = self.size.width - 4
        lines = [
            *(Piece(f"  {line}") for line in wrap(first, width)),
            *(Piece(f"  {line}", "dim") for words in more for line in wrap(words, width)),
        ]
        index = y - TITLE_LINES - 1
        return (lines[index],) if 0 <= index < len(lines) else ()

    def beyond(self) -> Line:
        """How many rows are out of sight, urgent ones said. Shown by whoever has room for it."""
        above, below = self._out_of_sight()
        pieces: list[Piece] = []
        if above > 0:
            urgent = self.tab is Tab.INCOMING and self.store.rows(self.tab).rows[self.shown.at(0)].urgent
            words = f" ↑ {above:,}{' urgent' if urgent else ''} above"
            pieces.append(Piece(words, "urgent" if urgent else "dim", "first"))
        if below > 0:
            pieces.append(Piece(f" ↓ {below:,} below", "dim", "last"))
        return (*pieces, Piece(" ")) if pieces else ()

    def _out_of_sight(self) -> tuple[int, int]:
        """How many rows are above and below those painted, counting what the backend has of them."""
        reach, end = self.store.reach.get(self.tab), self.view.top + self.page
        if reach is None or reach.filter_text != self.store.rows(self.tab).filter_text:
            return self.view.top, len(self.shown) - end
        beyond = reach.total - reach.skipped if reach.cursor is not None else len(self.shown)
        return self.view.top + reach.skipped, beyond - end

    # --- mouse and size ---------------------------------------------------------------------------------------

    def on_resize(self, event: Resize) -> None:
        """Choose the columns anew."""
        self._columns = layout(self.tab, event.size.width)
        self._keep_in_sight()
        self.repaint()

    def on_click(self, event: Click) -> None:
        """A click puts the cursor there; on the row that has it, it opens the intake."""
        if event.y < TITLE_LINES:
            super().on_click(event)
            return
        place = self.view.top + event.y - TITLE_LINES
        if place >= len(self.shown):
            return
        if self.shown.at(place) == self.view.cursor:
            self.post_message(self.Chosen())
        else:
            self.go(place)

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        """Scroll, taking the cursor along where it would leave the screen."""
        self._scroll(_WHEEL_LINES)
        event.stop()

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        """Scroll, taking the cursor along where it would leave the screen."""
        self._scroll(-_WHEEL_LINES)
        event.stop()

    def _scroll(self, lines: int) -> None:
        view = self.view
        view.top = min(max(0, view.top + lines), max(0, len(self.shown) - self.page))
        self.go(min(max(view.place, view.top), view.top + self.page - 1))
        self.sync()

    # --- how it is done ---------------------------------------------------------------------------------------

    def _keep_in_sight(self) -> None:
        view = self.view
        view.top = max(0, min(view.top, view.place), view.place - self.page + 1)

    def _paint_move(self, place: int, top: int) -> None:
        if top != self.view.top:
            self.sync()
            return
        for changed in {place, self.view.place}:
            y = changed - top + TITLE_LINES
            self.sync_lines(range(max(TITLE_LINES, y), min(y + 1, self.size.height)))

    def _tell(self) -> None:
        self.post_message(self.Moved(self.view.cursor))
        self._ask_for_more()

    def _ask_for_more(self) -> None:
        reach, place = self.store.reach.get(self.tab), self.view.place
        if reach is None:
            return
        if reach.cursor is not None and place > len(self.shown) - _NEAR_END - self.page:
            self.post_message(self.NearEnd(self.tab))
        elif reach.back is not None and place < _NEAR_END:
            self.post_message(self.NearEnd(self.tab, back=True))
