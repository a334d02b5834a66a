"""A short list to choose one line from."""

from collections.abc import Sequence
from dataclasses import dataclass

from textual.events import Click
from textual.geometry import Size
from textual.message import Message

from mechtui.formatting import Line, Piece, clip
from mechtui.widgets.painted import Painted


class Chooser(Painted):
    """Lines of which one is marked. Whoever holds it moves the mark; a click moves it and chooses."""

    @dataclass
    class Chosen(Message):
        """The line at `place` was chosen."""

        place: int

    def __init__(self, lines: Sequence[Line] = (), *, id: str | None = None) -> None:  # noqa: A002 - Textual's word
        super().__init__(id=id)
        self._lines = list(lines)
        self.place = 0
        self._top = 0

    def offer(self, lines: Sequence[Line]) -> None:
        """Show other lines, the first of them marked."""
        self._lines, self.place, self._top = list(lines), 0, 0
        self.sync()

    def extend(self, lines: Sequence[Line]) -> None:
        """More lines behind those shown; the mark stays."""
        self._lines += lines
        self.sync()

    def renew(self, lines: Sequence[Line]) -> None:
        """Show as many lines, worded anew; the mark stays where it is."""
        self._lines = list(lines)
        self.sync()

    def move(self, lines: int) -> None:
        """Move the mark, as far as there are lines."""
        self.place = max(0, min(self.place + lines, len(self._lines) - 1))
        self._top = max(0, min(self._top, self.place), self.place - self.size.height + 1)
        self.sync()

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As high as there are lines."""
        return len(self._lines)

    def line(self, y: int) -> Line:
        """One of the lines, with its mark."""
        place = self._top + y
        if place >= len(self._lines):
            return ()
        if place != self.place:
            return clip((Piece("  "), *self._lines[place]), self.size.width)
        marked = (piece._replace(tone="strong") if piece.tone == "text" else piece for piece in self._lines[place])
        return clip((Piece("▌ ", "marker"), *marked), self.size.width)

    def on_click(self, event: Click) -> None:
        """Mark and choose a line."""
        place = self._top + event.y
        if place < len(self._lines):
            self.place = place
            self.sync()
            self.post_message(self.Chosen(place))
