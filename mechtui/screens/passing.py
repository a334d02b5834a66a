"""Passing on a request, with a reason."""

from mechtui.screens.reason import ReasonPanel
from mechtui.widgets.bars import KeyHint


class PassPanel(ReasonPanel):
    """Asks why it is passed on."""

    TITLE = "Leave it to the others?"
    WORDS = "It leaves your queue and stays in theirs. u takes that back; so does x on it under 4 History."
    PLACEHOLDER = "why, in your own words"
    REASONS = ("Not my kind of job", "I do not know this vehicle", "No time for it now")
    KEYS = (
        KeyHint("↑ ↓", "choose", "down"),
        KeyHint("Enter", "pass", "confirm", True),
        KeyHint("Esc", "keep it", "close", True),
    )
