"""Lines that are longer than the screen: scrolled by keys and wheel, the way down said."""

from collections.abc import Callable

from textual.events import MouseScrollDown, MouseScrollUp
from textual.geometry import Size

from mechtui.formatting import Line, Piece, clip
from mechtui.widgets.painted import Painted

_WHEEL_LINES = 3


class Pager(Painted, can_focus=True):
    """Shows the lines that `text` gives for a width. The last line says how much there is below."""

    def __init__(self, text: Callable[[int], list[Line]], *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._text = text
        self._lines: list[Line] = []
        self._top = 0
        self._at_end = False

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As high as the text is, where it may be."""
        return len(self._text(width))

    @property
    def page(self) -> int:
        """How many lines are scrolled by at once: a screenful, less one to hold on to."""
        return max(1, self.size.height - 2)

    def sync(self) -> None:
        """Take the text anew and paint what differs."""
        self._take()
        super().sync()

    def repaint(self) -> None:
        """Take the text anew and paint everything."""
        self._take()
        super().repaint()

    def line(self, y: int) -> Line:
        """One line of the text from where it is scrolled to."""
        place = self._top + y
        below = len(self._lines) - self._top - self.size.height
        if y == self.size.height - 1 and below > 0:
            return (Piece(f" ↓ {below + 1} more lines", "dim", "page_down"),)
        return clip(self._lines[place], self.size.width) if place < len(self._lines) else ()

    def scroll_by(self, lines: int) -> None:
        """Scroll as far as there are lines."""
        self._at_end = False
        self._top += lines
        self.sync()

    def show(self, line: int) -> None:
        """Scroll as little as it takes to have a line in sight, and one to each side of it."""
        if line - 1 < self._top:
            self.scroll_by(line - 1 - self._top)
        elif line + 3 > self._top + self.size.height:
            self.scroll_by(line + 3 - self._top - self.size.height)

    def scroll_first(self) -> None:
        """To the first line."""
        self.scroll_by(-self._top)

    def scroll_last(self) -> None:
        """To the last line; to that of the whole text, too, where only a part of it has been read yet."""
        self._at_end = True
        self.sync()

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        """Scroll down."""
        self.scroll_by(_WHEEL_LINES)
        event.stop()

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        """Scroll up."""
        self.scroll_by(-_WHEEL_LINES)
        event.stop()

    def _take(self) -> None:
        self._lines = self._text(self.size.width) if self.size.width else []
        last = max(0, len(self._lines) - self.size.height)
        self._top = last if self._at_end else max(0, min(self._top, last))
