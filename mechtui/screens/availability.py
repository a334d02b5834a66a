"""Asking a mechanic whether he is there."""

from collections.abc import Iterator
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget

from mechtui.facts import paragraph
from mechtui.formatting import Line, Piece
from mechtui.models import Availability
from mechtui.screens.choice import ChoicePanel
from mechtui.widgets.bars import KeyHint
from mechtui.widgets.chooser import Chooser

_WORDS = {
    Availability.ON: "On      the bell rings for new requests",
    Availability.BREAK: "Break   no bell, nothing is handed over to you",
    Availability.OFF: "Off     the same, until you are on again",
}


class AvailabilityPanel(ChoicePanel[Availability]):
    """Asks how he is from now on. The mark begins at how he is now."""

    TITLE = "Are you there?"
    KEYS = (
        KeyHint("↑ ↓", "choose", "down"),
        KeyHint("Enter", "say so", "confirm", True),
        KeyHint("Esc", "leave it", "close", True),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(str(n), f"choose({n})", show=False) for n in range(1, len(_WORDS) + 1)),
    ]

    def __init__(self, present: str) -> None:
        super().__init__()
        self._present = present

    def content(self) -> Iterator[Widget]:
        """What it means, and the three."""
        yield self.pager
        chooser = Chooser([self._offer(n, word) for n, word in enumerate(_WORDS, 1)])
        chooser.place = next((n for n, word in enumerate(_WORDS) if word == self._present), 0)
        yield chooser

    def text(self, width: int) -> list[Line]:
        """What it changes, and what not."""
        words = "It holds on all your terminals. Requests are listed as ever, and you may accept them all the same."
        return paragraph(words, width, "dim")

    def _offer(self, number: int, word: Availability) -> Line:
        now = "  (now)" if word == self._present else ""
        return (Piece(f"{number} ", "dim"), Piece(_WORDS[word]), Piece(now, "accent"))

    def do_confirm(self) -> None:
        """The marked one it is."""
        self.dismiss(list(_WORDS)[self.query_one(Chooser).place])

    def action_choose(self, number: int) -> None:
        """Take one by its number."""
        self.dismiss(list(_WORDS)[number - 1])
