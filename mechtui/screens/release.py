"""Giving a session back to the queue, with a reason."""

from mechtui.screens.reason import ReasonPanel
from mechtui.widgets.bars import KeyHint


class ReleasePanel(ReasonPanel):
    """Asks why it is given back."""

    TITLE = "Give it back to the queue?"
    PLACEHOLDER = "why, for the next mechanic"
    REASONS = ("Not my kind of job", "The customer is not there", "Something urgent came up in the shop")
    KEYS = (
        KeyHint("↑ ↓", "choose", "down"),
        KeyHint("Enter", "give back", "confirm", True),
        KeyHint("Esc", "keep it", "close", True),
    )

    def words(self) -> str:
        """Where it goes."""
        return "It goes back to its old place, and others can take it. The reason is kept with it."
