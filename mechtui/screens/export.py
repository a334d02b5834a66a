"""A list as a file: in which form, and how far it is."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from mechtui.export import ExportForm
from mechtui.facts import paragraph
from mechtui.formatting import Line, one_line
from mechtui.screens.choice import FormPanel
from mechtui.text import SafeText
from mechtui.widgets.bars import KeyHint


class ExportPanel(FormPanel[ExportForm]):
    """Asks for the form of an export. Its result is that."""

    TITLE = "Export this list"
    KEYS = (
        KeyHint("↑ ↓", "choose", "down"),
        KeyHint("Enter", "export", "confirm", True),
        KeyHint("Esc", "close", "close", True),
    )
    FORMS: ClassVar[Mapping[Any, str]] = {
        ExportForm.CSV: "CSV    for a spreadsheet",
        ExportForm.JSON: "JSON   for another program, every word as it was sent",
    }

    def __init__(self, what: str, folder: Path) -> None:
        super().__init__()
        self._what = what
        self._folder = folder

    def text(self, width: int) -> list[Line]:
        """Which rows, and where they go."""
        folder = one_line(SafeText(str(self._folder)))
        return [
            *paragraph(self._what, width, "strong"),
            (),
            *paragraph(f"It goes to {folder}, beside what is there.", width, "dim"),
        ]
