"""The saved filters: choosing one by how much it finds, and keeping one under a name."""

from collections.abc import Callable, Iterator, Mapping
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Input

from mechtui.api_errors import ApiError
from mechtui.changes import Change
from mechtui.facts import paragraph
from mechtui.formatting import Line, Piece, fit, one_line
from mechtui.key_names import Named
from mechtui.rows import Tab
from mechtui.screens.desk import Desk
from mechtui.screens.panel import Panel, bound
from mechtui.search.syntax import Query, parse
from mechtui.search.trouble import told
from mechtui.store import Store
from mechtui.text import SafeText
from mechtui.widgets.bars import KeyHint
from mechtui.widgets.chooser import Chooser
from mechtui.wording import TAB_NAMES

Forget = Callable[[str], Mapping[str, str]]
"""Forgets the filter of a name, and says which there are now."""

_NAME_WIDTH = 24
_COUNT_WIDTH = 7
_BY_NUMBER = 9
_NAME_LENGTH = 40


class FiltersPanel(Panel[str]):
    """Each filter with what it finds in this tab now. Its result is the query of the one chosen."""

    TITLE = "Saved filters"
    KEYS = (
        KeyHint("↑ ↓", "choose", "down"),
        KeyHint("Enter", "show", "confirm", True),
        KeyHint("Del", "forget", "forget"),
        KeyHint("Esc", "close", "close", True),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        bound("filters", "close"),
        Binding("enter", "do('confirm')", show=False),
        Binding("delete,backspace", "do('forget')", show=False),
        *(Binding(str(n), f"choose({n})", show=False) for n in range(1, _BY_NUMBER + 1)),
    ]

    def __init__(self, desk: Desk, store: Store, tab: Tab, saved: Mapping[str, str], forget: Forget) -> None:
        super().__init__()
        self._desk = desk
        self._store = store
        self._tab = tab
        self._forget = forget
        self._chooser = Chooser()
        self._offer(saved)

    def _offer(self, saved: Mapping[str, str]) -> None:
        self._names = list(saved)
        self._queries: list[Query] = [parse(query, self._store.today) for query in saved.values()]
        self._counts: dict[int, str] = {}
        self._chooser.offer(self._lines())

    def heading(self) -> str:
        """Where they look."""
        return f"{self.TITLE}, in {TAB_NAMES[self._tab]}"

    def content(self) -> Iterator[Widget]:
        """The filters, a line each."""
        yield self._chooser

    def on_mount(self) -> None:
        """Count what each finds."""
        self.set_focus(None)
        self._count()

    def tick(self) -> None:
        """Some of them go by the time that passes."""
        if self._tab not in self._store.reach:
            self._count()

    def refresh_from(self, change: Change) -> None:
        """Rows came or went."""
        if self._tab in change.tabs:
            self._count()

    def _count(self) -> None:
        """The rows held are counted here, the others by the backend."""
        if self._tab in self._store.reach:
            self.run_worker(self._ask(), exclusive=True)
            return
        for n, query in enumerate(self._queries):
            self._counts[n] = f"{self._store.count_of(self._tab, query):,}"
        self._renew()

    async def _ask(self) -> None:
        for n, query in enumerate(self._queries):
            try:
                self._counts[n] = f"{await self._desk.pages.count(self._tab, query):,}"
            except ApiError:
                self._counts[n] = "?"
            self._renew()

    def _renew(self) -> None:
        self._chooser.renew(self._lines())

    def _lines(self) -> list[Line]:
        none: list[Line] = [(Piece(f"There are none: {self._store.keymap.name('save_filter')} saves one.", "dim"),)]
        return [self._line(n) for n in range(len(self._names))] or none

    def _line(self, n: int) -> Line:
        query = self._queries[n]
        number = f"{n + 1} " if n < _BY_NUMBER else "  "
        count = fit(self._counts.get(n, "…"), _COUNT_WIDTH, "right")
        about = Piece(f"  {told(query.problems)}", "warn") if query.problems else Piece(f"  {query.text}", "dim")
        name = Piece(fit(one_line(self._names[n]), _NAME_WIDTH))
        return tuple(
            piece._replace(text=SafeText(piece.text)) for piece in (Piece(number, "dim"), name, Piece(count), about)
        )

    def on_chooser_chosen(self, _: Chooser.Chosen) -> None:
        """A click takes one."""
        self.do_confirm()

    def action_choose(self, number: int) -> None:
        """Take one by its number."""
        if number <= len(self._names):
            self._chooser.move(number - 1 - self._chooser.place)
            self.do_confirm()

    def do_confirm(self) -> None:
        """Take the marked one."""
        if self._queries:
            self.dismiss(self._queries[self._chooser.place].text)

    def do_forget(self) -> None:
        """Ask, then forget the marked one."""
        if not self._names:
            return
        name, query = self._names[self._chooser.place], self._queries[self._chooser.place].text

        def answer(yes: bool | None) -> None:
            if yes:
                self._offer(self._forget(name))
                self._chooser.refresh(layout=True)
                self._count()

        self.app.push_screen(ForgetFilterPanel(name, query), answer)

    def do_up(self) -> None:
        """Mark the one above."""
        self._chooser.move(-1)

    def do_down(self) -> None:
        """Mark the one below."""
        self._chooser.move(1)


class ForgetFilterPanel(Panel[bool]):
    """Asks before a filter is forgotten."""

    TITLE = "Forget this filter?"
    KEYS = (KeyHint("Enter", "forget it", "confirm", True), KeyHint("Esc", "keep it", "close", True))
    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "do('confirm')", show=False)]

    def __init__(self, name: str, query: str) -> None:
        super().__init__()
        self._filter = (name, query)

    def text(self, width: int) -> list[Line]:
        """Which one, and where it is forgotten."""
        name, query = (SafeText(one_line(text)) for text in self._filter)
        return [
            (Piece(f" {name}", "strong"),),
            *paragraph(query, width, "dim"),
            (),
            *paragraph("It is taken out of config.toml. No session is touched.", width, "dim"),
        ]

    def do_confirm(self) -> None:
        """Yes."""
        self.dismiss(True)


class SaveFilterPanel(Panel[str]):
    """Asks for a name. Its result is the name."""

    TITLE = "Save this filter"
    KEYS = (KeyHint("Enter", "save", "confirm", True), KeyHint("Esc", "do not", "close", True))

    def __init__(self, query: str, saved: Mapping[str, str], key: Named) -> None:
        super().__init__()
        self._query = query
        self._saved = saved
        self._key = key
        self._typed = ""

    def content(self) -> Iterator[Widget]:
        """The name, and what it will stand for."""
        yield Input(placeholder="a name for it", max_length=_NAME_LENGTH)
        yield self.pager

    def text(self, width: int) -> list[Line]:
        """The query, and the one that it takes the place of."""
        lines: list[Line] = [(Piece(f" {SafeText(one_line(self._query))}", "strong"),)]
        if before := self._saved.get(self._typed):
            lines.append((Piece(f" in place of: {SafeText(one_line(before))}", "warn"),))
        return [
            *lines,
            (Piece(f" It is kept in config.toml, under [filters]. {self._key('filters')} offers it.", "dim"),),
        ]

    def on_input_changed(self, event: Input.Changed) -> None:
        """Say what it takes the place of."""
        self._typed = event.value.strip()
        self.refresh_text()

    def on_input_submitted(self, _: Input.Submitted) -> None:
        """Save it."""
        self.do_confirm()

    def do_confirm(self) -> None:
        """Save it, once it has a name."""
        if self._typed:
            self.dismiss(self._typed)
