"""Passing on a request, with a reason."""

from mechtui.key_names import Named
from mechtui.models import Session
from mechtui.screens.reason import ReasonPanel
from mechtui.widgets.bars import KeyHint


class PassPanel(ReasonPanel):
    """Asks why it is passed on."""

    TITLE = "Leave it to the others?"
    PLACEHOLDER = "why, in your own words"
    REASONS = ("Not my kind of job", "I do not know this vehicle", "No time for it now")
    KEYS = (
        KeyHint("↑ ↓", "choose", "down"),
        KeyHint("Enter", "pass", "confirm", True),
        KeyHint("Esc", "keep it", "close", True),
    )

    def __init__(self, session: Session, key: Named) -> None:
        super().__init__(session)
        self._key = key

    def words(self) -> str:
        """Where it stays, and how it is taken back."""
        undo, again, history = map(self._key, ("undo", "pass", "history"))
        back = f"{undo} takes that back; so does {again} on it under {history} History."
        return f"It leaves your queue and stays in theirs. {back}"
