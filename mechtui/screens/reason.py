"""Asking for a reason: one of a few, or own words."""

from collections.abc import Iterator
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Input

from mechtui.facts import paragraph
from mechtui.formatting import Line, Piece
from mechtui.models import Session
from mechtui.screens.choice import ChoicePanel
from mechtui.widgets.chooser import Chooser
from mechtui.wording import called

_OWN_WORDS = "In my own words"


class ReasonPanel(ChoicePanel[str]):
    """Asks why. Its result is the reason; a panel of this kind says of what."""

    PLACEHOLDER = ""
    REASONS: tuple[str, ...] = ()
    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(str(n), f"choose({n})", show=False) for n in range(1, 10)),
    ]

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session

    def content(self) -> Iterator[Widget]:
        """The question, the reasons, and room for other words."""
        yield self.pager
        reasons = (*self.REASONS, _OWN_WORDS)
        yield Chooser([(Piece(f"{n} ", "dim"), Piece(reason)) for n, reason in enumerate(reasons, 1)])
        own = Input(placeholder=self.PLACEHOLDER, max_length=500)
        own.display = False
        yield own

    def words(self) -> str:
        """What comes of it."""
        raise NotImplementedError

    def text(self, width: int) -> list[Line]:
        """Which session, and what comes of it."""
        return [(Piece(f" {called(self._session)}", "strong"),), (), *paragraph(self.words(), width, "dim")]

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Own words are a reason when there are any."""
        if event.value.strip():
            self.dismiss(event.value.strip())

    def do_confirm(self) -> None:
        """Take the marked reason, or ask for other words."""
        place = self.query_one(Chooser).place
        if place < len(self.REASONS):
            self.dismiss(self.REASONS[place])
        else:
            self.ask_for_words()

    def action_choose(self, number: int) -> None:
        """Mark a reason by its number, and take it unless it is still to be written."""
        if number <= len(self.REASONS) + 1:
            chooser = self.query_one(Chooser)
            chooser.move(number - 1 - chooser.place)
            self.do_confirm()
