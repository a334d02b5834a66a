"""As what a report is to be saved."""

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget

from mechtui.facts import paragraph
from mechtui.formatting import Line, Piece, one_line
from mechtui.models import Session
from mechtui.report import Form
from mechtui.screens.panel import Panel
from mechtui.text import SafeText
from mechtui.widgets.bars import KeyHint
from mechtui.widgets.chooser import Chooser
from mechtui.wording import called

_FORMS = {
    Form.PDF: "PDF    pages to print or hand over",
    Form.TXT: "Text   to read anywhere, to paste into a mail",
    Form.JSON: "JSON   for another program, every word as it was sent",
}


class ReportPanel(Panel[Form]):
    """Asks for the form of a report. Its result is that."""

    TITLE = "Save the report"
    KEYS = (
        KeyHint("↑ ↓", "choose", "down"),
        KeyHint("Enter", "save", "confirm", True),
        KeyHint("Esc", "close", "close", True),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "do('confirm')", show=False),
        *(Binding(str(n), f"choose({n})", show=False) for n in range(1, len(_FORMS) + 1)),
    ]

    def __init__(self, session: Session, folder: Path) -> None:
        super().__init__()
        self._session = session
        self._folder = folder

    def content(self) -> Iterator[Widget]:
        """Whose, where to, and the forms there are."""
        yield self.pager
        yield Chooser([(Piece(f"{n} ", "dim"), Piece(words)) for n, words in enumerate(_FORMS.values(), 1)])

    def text(self, width: int) -> list[Line]:
        """Whose report, and where it goes."""
        folder = one_line(SafeText(str(self._folder)))
        words = f"It goes to {folder}, beside what is there. It has the customer's contact details."
        return [
            (Piece(f" {called(self._session)}", "strong"),),
            (),
            *paragraph(words, width, "dim"),
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
