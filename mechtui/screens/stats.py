"""A mechanic's own figures, drawn; each mark leads to the list of its sessions."""

import os
from collections.abc import Iterator
from datetime import date
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Input

from mechtui.api_errors import ApiError
from mechtui.facts import paragraph
from mechtui.figures import Stats
from mechtui.formatting import Line
from mechtui.screens.panel import Panel, bound
from mechtui.screens.ports import Client
from mechtui.stats import NAMED, Span, named_span, read_span
from mechtui.stats_lines import Mark, marked, marks
from mechtui.store import Store
from mechtui.terminal import Glyphs, glyphs_of
from mechtui.text import safe_model
from mechtui.widgets.bars import KeyHint


class StatsPanel(Panel[Mark]):
    """Shows the figures of a time. Its result is the mark whose sessions are to be listed."""

    KEYS = (
        KeyHint("Enter", "its sessions", "confirm"),
        KeyHint("← →", "today, week, month", "later", True),
        KeyHint("/", "own time", "own", True),
        KeyHint("Esc", "close", "close", True),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "do('confirm')", show=False),
        Binding("left,h", "do('earlier')", show=False),
        Binding("right,l", "do('later')", show=False),
        Binding("slash", "do('own')", show=False),
        bound("retry"),
        bound("stats", "close"),
    ]

    def __init__(self, store: Store, client: Client) -> None:
        super().__init__()
        self._store = store
        self._client = client
        self._span = named_span("week", self._today)
        self._marks: list[Mark] = []
        self._place = 0
        self._why = ""
        self._plain = glyphs_of(os.environ) is not Glyphs.ALL

    @property
    def _today(self) -> date:
        return self._store.now.astimezone(self._store.clock.zone).date()

    def content(self) -> Iterator[Widget]:
        """The figures, and room for a time of one's own."""
        yield self.pager
        own = Input(placeholder="2026-11-01..2026-11-15", max_length=40)
        own.display = False
        yield own

    def heading(self) -> str:
        """Of which time."""
        words = {"today": "today", "week": "the last 7 days", "month": "the last 30 days"}.get(self._span.name, "")
        return f"Stats   {words or f'{self._span.first} to {self._span.last}'}"

    def text(self, width: int) -> list[Line]:
        """The figures, or why they are not to be seen."""
        if self._why:
            return [*paragraph(self._why, width, "warn"), (), *self.tries_again(self._store.keymap.name, width)]
        if not self._marks:
            return paragraph("Loading ...", width, "dim")
        return [marked(mark, width, here=place == self._place) for place, mark in enumerate(self._marks)]

    def on_mount(self) -> None:
        """Read them."""
        self.set_focus(None)
        self._read()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Show the time that was typed, if it is one."""
        span = read_span(event.value.strip(), self._today)
        if span is None:
            self.notify("A time is like 2026-11-01..2026-11-15, or today, week, month.", severity="warning")
            return
        event.input.display = False
        self.set_focus(None)
        self._show(span)

    def _show(self, span: Span) -> None:
        self._span = span
        self._read()

    def _read(self) -> None:
        self.run_worker(self._load(), group="stats", exclusive=True)

    async def _load(self) -> None:
        zone = self._store.clock.zone
        try:
            stats = safe_model(await self._client.stats(*self._span.moments(zone)))
        except ApiError as error:
            self._why, self._marks = str(error), []
        else:
            self._why, self._marks = "", self._told(stats)
            self._place = next((n for n, mark in enumerate(self._marks) if mark.query), 0)
        self.refresh_text()

    def _told(self, stats: Stats) -> list[Mark]:
        return marks(stats, self._span, self._store.today, plain=self._plain)

    def _move(self, step: int) -> None:
        """To the next line that leads somewhere."""
        places = range(self._place + step, len(self._marks) if step > 0 else -1, step)
        place = next((n for n in places if self._marks[n].query), None)
        if place is None:
            self.pager.scroll_by(step)
            return
        self._place = place
        self.pager.sync()
        self.pager.show(place)

    def _shift(self, step: int) -> None:
        names = list(NAMED)
        place = names.index(self._span.name) if self._span.name else 0
        self._show(named_span(names[max(0, min(place + step, len(names) - 1))], self._today))

    # --- actions ----------------------------------------------------------------------------------------------

    def do_confirm(self) -> None:
        """To the sessions of the mark."""
        if self._marks and self._marks[self._place].query:
            self.dismiss(self._marks[self._place])

    def do_up(self) -> None:
        """To the mark above."""
        self._move(-1)

    def do_down(self) -> None:
        """To the mark below."""
        self._move(1)

    def do_earlier(self) -> None:
        """A shorter time."""
        self._shift(-1)

    def do_later(self) -> None:
        """A longer time."""
        self._shift(1)

    def do_own(self) -> None:
        """A time of one's own."""
        own = self.query_one(Input)
        own.display = True
        own.focus()

    def do_retry(self) -> None:
        """Ask the backend again."""
        self._read()
