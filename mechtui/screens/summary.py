"""The summary of a completed session: four texts, kept on disk as one types, sent with Ctrl+S."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import ClassVar, Protocol

from textual.binding import Binding, BindingType
from textual.events import DescendantFocus, Resize
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Static, TextArea

from mechtui.drafts import Draft
from mechtui.models import TEXT_LIMIT, Session, SummaryRequest
from mechtui.screens.panel import Panel
from mechtui.widgets.bars import KeyHint
from mechtui.widgets.note_area import NoteArea
from mechtui.wording import called

DRAFT_SECONDS = 0.4
"""The draft is written once typing has paused for so long."""
FIELDS = {
    "findings": "FINDINGS   what is wrong",
    "steps_taken": "DONE   what you did",
    "parts_needed": "PARTS   none, or which",
    "next_steps": "NEXT   what the customer should do",
}
_MAY_BE_EMPTY = "parts_needed"
_AROUND_LINES = 9
"""The frame, the four titles, the keys with a line above, and a line to spare."""
_MOST_LINES = 7


class KeepsNotes(Protocol):
    """What the panel asks of the desk."""

    def keep_draft(self, row: Session, draft: Draft) -> None:
        """Keep what was written so far."""

    def send_summary(self, panel: "SummaryPanel", row: Session, summary: SummaryRequest) -> None:
        """Send it; the panel is closed once there is nothing left to do in it."""


class SummaryPanel(Panel[None], inherit_bindings=False):
    """Asks what was found and done in a session."""

    KEYS = (
        KeyHint("Ctrl+S", "send", "send", True),
        KeyHint("Tab", "next field", "next_field"),
        KeyHint("Esc", "later: the draft is kept", "close", True),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "do('send')", show=False),
        Binding("tab", "do('next_field')", show=False),
        Binding("shift+tab", "do('field_before')", show=False),
        Binding("escape", "do('close')", show=False),
    ]

    def __init__(self, desk: KeepsNotes, row: Session, draft: Draft) -> None:
        super().__init__()
        self._desk = desk
        self._row = row
        self._kept = draft
        self._areas = {name: NoteArea(getattr(draft, name), id=name) for name in FIELDS}
        self._timer: Timer | None = None
        self.add_class("summary")

    def heading(self) -> str:
        """Whose session it was."""
        return f"Summary: {called(self._row)}"

    def content(self) -> Iterator[Widget]:
        """A title and room for each text."""
        for name, title in FIELDS.items():
            yield Static(title, markup=False, classes="field", id=f"title-{name}")
            yield self._areas[name]

    @property
    def draft(self) -> Draft:
        """What is written now."""
        return Draft(**{name: area.text for name, area in self._areas.items()})

    def on_mount(self) -> None:
        """Go on where something is still to be said."""
        empty = (area for area in self._areas.values() if not area.text.strip())
        next(empty, self._areas["findings"]).focus()

    def on_resize(self, event: Resize) -> None:
        """All four in sight, however small the terminal."""
        lines = max(1, min(_MOST_LINES, (event.size.height - _AROUND_LINES) // len(FIELDS)))
        for area in self._areas.values():
            area.styles.height = lines

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        """Say by its title which text one is in."""
        for title in self.query(".field"):
            title.set_class(title.id == f"title-{event.widget.id}", "-here")

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        """Keep it, once typing has paused."""
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(DRAFT_SECONDS, self._keep)

    def _keep(self) -> None:
        if self.draft != self._kept:
            self._kept = self.draft
            self._desk.keep_draft(self._row, self._kept)

    def do_send(self) -> None:
        """Send it, unless something is missing."""
        self._keep()
        for name, area in self._areas.items():
            title = FIELDS[name].split()[0]
            if name != _MAY_BE_EMPTY and not area.text.strip():
                return self._refuse(area, f"{title} is still empty.")
            if len(area.text) > TEXT_LIMIT:
                return self._refuse(area, f"{title} is longer than the {TEXT_LIMIT:,} characters that can be sent.")
        texts = asdict(self.draft)
        summary = SummaryRequest(**texts | {"parts_needed": texts["parts_needed"].strip() or None})
        return self._desk.send_summary(self, self._row, summary)

    def _refuse(self, area: NoteArea, why: str) -> None:
        area.focus()
        self.notify(why, severity="warning", markup=False)

    def do_next_field(self) -> None:
        """To the next text."""
        self.focus_next()

    def do_field_before(self) -> None:
        """To the text before."""
        self.focus_previous()

    def do_close(self) -> None:
        """Later; what was written is kept."""
        self._keep()
        self.dismiss(None)
