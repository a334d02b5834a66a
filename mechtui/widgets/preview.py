"""The selected session in short, beside or below the list. Where it is too long for its place no line is left empty."""

from collections.abc import Callable

from mechtui.cells import Look
from mechtui.facts import preview_lines
from mechtui.formatting import Line, Piece
from mechtui.key_names import Named
from mechtui.models import Session
from mechtui.widgets.painted import Painted

Subject = tuple[Session, Look]


class Preview(Painted):
    """Shows what `subject` gives: a session and how it is to be looked at, or nothing.

    With `beside` a rule is drawn along its left edge, for a place right of the list.
    """

    def __init__(self, subject: Callable[[], Subject | None], key: Named, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._subject = subject
        self._key = key
        self._lines: list[Line] = []
        self.beside = False

    def sync(self) -> None:
        """Tell the session anew and paint what differs."""
        self._tell()
        super().sync()

    def repaint(self) -> None:
        """Tell the session anew and paint everything."""
        self._tell()
        super().repaint()

    def line(self, y: int) -> Line:
        """One line of it; the last one says when there is more in the intake."""
        told = self._lines[y] if y < len(self._lines) else ()
        if y == self.size.height - 1 and len(self._lines) > self.size.height:
            told = (Piece(f" ... more with {self._key('intake')}", "dim"),)
        return (Piece("│", "rule"), *told) if self.beside else told

    def _tell(self) -> None:
        subject = self._subject()
        width = self.size.width - (1 if self.beside else 0)
        lines = preview_lines(*subject, width) if subject and width > 0 else []
        self._lines = lines if len(lines) <= self.size.height else [line for line in lines if line]
