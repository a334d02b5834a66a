"""As what a report is to be saved."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from mechtui.facts import paragraph
from mechtui.formatting import Line, Piece, one_line
from mechtui.models import Session
from mechtui.report import Form
from mechtui.screens.choice import FormPanel
from mechtui.text import SafeText
from mechtui.widgets.bars import KeyHint
from mechtui.wording import called


class ReportPanel(FormPanel[Form]):
    """Asks for the form of a report. Its result is that."""

    TITLE = "Save the report"
    KEYS = (
        KeyHint("↑ ↓", "choose", "down"),
        KeyHint("Enter", "save", "confirm", True),
        KeyHint("Esc", "close", "close", True),
    )
    FORMS: ClassVar[Mapping[Any, str]] = {
        Form.PDF: "PDF    pages to print or hand over",
        Form.TXT: "Text   to read anywhere, to paste into a mail",
        Form.JSON: "JSON   for another program, every word as it was sent",
    }

    def __init__(self, session: Session, folder: Path) -> None:
        super().__init__()
        self._session = session
        self._folder = folder

    def text(self, width: int) -> list[Line]:
        """Whose report, and where it goes."""
        folder = one_line(SafeText(str(self._folder)))
        words = f"It goes to {folder}, beside what is there. It has the customer's contact details."
        return [
            (Piece(f" {called(self._session)}", "strong"),),
            (),
            *paragraph(words, width, "dim"),
        ]
