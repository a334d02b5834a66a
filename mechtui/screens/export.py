"""A list as a file: in which form, and how far it is."""

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget

from mechtui.export import ExportForm
from mechtui.facts import paragraph
from mechtui.formatting import Line, Piece, one_line
from mechtui.screens.panel import Panel
from mechtui.text import SafeText
from mechtui.widgets.bars import KeyHint
from mechtui.widgets.chooser import Chooser

_FORMS = {
    ExportForm.CSV: "CSV    for a spreadsheet",
    ExportForm.JSON: "JSON   for another program, every word as it was sent",
}


class ExportPanel(Panel[ExportForm]):
    """Asks for the form of an export. Its result is that."""

    TITLE = "Export this list"
    KEYS = (
        KeyHint("↑ ↓", "choose", "down"),
        KeyHint("Enter", "export", "confirm", True),
        KeyHint("Esc", "close", "close", True),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "do('confirm')", show=False),
        *(Binding(str(n), f"choose({n})", show=False) for n in range(1, len(_FORMS) + 1)),
    ]

    def __init__(self, what: str, folder: Path) -> None:
        super().__init__()
        self._what = what
        self._folder = folder

    def content(self) -> Iterator[Widget]:
        """What, where to, and the forms there are."""
        yield self.pager
        yield Chooser([(Piece(f"{n} ", "dim"), Piece(words)) for n, words in enumerate(_FORMS.values(), 1)])

    def text(self, width: int) -> list[Line]:
        """Which rows, and where they go."""
        folder = one_line(SafeText(str(self._folder)))
        return [
            *paragraph(self._what, width, "strong"),
            (),
            *paragraph(f"It goes to {folder}, beside what is there.", width, "dim"),
        ]

    def on_mount(self) -> None:
        """Keys move the mark, not the text."""
        self.set_focus(None)

    def on_chooser_chosen(self, _: Chooser.Chosen) -> None:
        """A click takes one."""
        self.do_confirm()

    def do_confirm(self) -> None:
        """Take the marked form."""
        self.dismiss(list(_FORMS)[self.query_one(Chooser).place])

    def action_choose(self, number: int) -> None:
        """Take a form by its number."""
        self.dismiss(list(_FORMS)[number - 1])

    def do_up(self) -> None:
        """Mark the form above."""
        self.query_one(Chooser).move(-1)

    def do_down(self) -> None:
        """Mark the form below."""
        self.query_one(Chooser).move(1)
