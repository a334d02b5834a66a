"""Going to a day in a long list."""

from collections.abc import Iterator

from textual.widget import Widget
from textual.widgets import Input

from mechtui.formatting import Line, Piece, day_words
from mechtui.rows import Tab
from mechtui.screens.panel import Panel
from mechtui.search.days import Today, moment, stretch
from mechtui.widgets.bars import KeyHint

_EXAMPLES = "2026-11-24, 2026-11, 2025, yesterday, monday, last week, 3w"


class DayPanel(Panel[int]):
    """Asks for a day. Its result is the end of it, in milliseconds since 1970."""

    TITLE = "Go to a day"
    KEYS = (KeyHint("Enter", "go there", "confirm", True), KeyHint("Esc", "stay", "close", True))

    def __init__(self, tab: Tab, today: Today) -> None:
        super().__init__()
        self._tab = tab
        self._today = today
        self._typed = ""

    def content(self) -> Iterator[Widget]:
        """What is typed, and what it means."""
        yield Input(placeholder="a day, a month, a year", max_length=40)
        yield self.pager

    def text(self, width: int) -> list[Line]:
        """The day meant, or what can be typed."""
        found = stretch(self._typed.strip(), self._today)
        if found is None:
            words = f"“{self._typed}” is no day; one is like " if self._typed.strip() else "Such as "
            return [(Piece(f" {words}{_EXAMPLES}", "dim"),)]
        first, last = (moment(at).astimezone(self._today.zone) for at in (found[0], found[1] - 1))
        days = day_words(first) if first.date() == last.date() else f"{day_words(first)} to {day_words(last)}"
        what = "ended" if self._tab is Tab.COMPLETED else "requested"
        return [(Piece(f" {days}: ", "accent"), Piece(f"the last {what} then, and all before", "dim"))]

    def on_input_changed(self, event: Input.Changed) -> None:
        """Say what it means."""
        self._typed = event.value
        self.refresh_text(layout=False)

    def on_input_submitted(self, _: Input.Submitted) -> None:
        """Go there."""
        self.do_confirm()

    def do_confirm(self) -> None:
        """Go there, if it is a day."""
        found = stretch(self._typed.strip(), self._today)
        if found is not None:
            self.dismiss(found[1])
