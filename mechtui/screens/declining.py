"""Saying no to what a colleague offers, with a reason."""

from mechtui.formatting import one_line
from mechtui.screens.reason import ReasonPanel
from mechtui.widgets.bars import KeyHint


class DeclinePanel(ReasonPanel):
    """Asks why it is declined."""

    TITLE = "Decline it?"
    PLACEHOLDER = "why, for your colleague"
    REASONS = ("No time for it now", "Not my kind of job", "I do not know this vehicle")
    KEYS = (
        KeyHint("↑ ↓", "choose", "down"),
        KeyHint("Enter", "decline", "confirm", True),
        KeyHint("Esc", "think about it", "close", True),
    )

    def words(self) -> str:
        """Whose it stays."""
        by = one_line(self._session.offered_by.name) if self._session.offered_by else "Your colleague"
        return f"{by} keeps it, and is told why."
