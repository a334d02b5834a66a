"""Adding time to a live session, which the customer has to agree to."""

from collections.abc import Iterator
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget

from mechtui.facts import paragraph
from mechtui.formatting import Line, Piece, money
from mechtui.models import Session, extension_cents
from mechtui.screens.panel import Panel
from mechtui.widgets.bars import KeyHint
from mechtui.widgets.chooser import Chooser
from mechtui.wording import called

MINUTES = (5, 10, 15, 30)


class ExtendPanel(Panel[int]):
    """Asks how much time is added. Its result is in minutes."""

    TITLE = "Add time to the session?"
    KEYS = (
        KeyHint("↑ ↓", "choose", "down"),
        KeyHint("Enter", "the customer agreed: add it", "confirm", True),
        KeyHint("Esc", "leave it", "close", True),
    )
    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "do('confirm')", show=False)]

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session

    def content(self) -> Iterator[Widget]:
        """What it means, and the choice."""
        yield self.pager
        yield Chooser([self._offer(minutes) for minutes in MINUTES])

    def text(self, width: int) -> list[Line]:
        """Whose session, and who decides."""
        words = "Ask the customer first. Time and price are added to what was booked, and noted in the timeline."
        return [(Piece(f" {called(self._session)}", "strong"),), (), *paragraph(words, width, "dim")]

    def _offer(self, minutes: int) -> Line:
        plan = self._session.plan
        price = f"{money(extension_cents(plan, minutes))} more" if plan and plan.price_cents else "free"
        return (Piece(f"{minutes:>2} minutes"), Piece(f"   {price}", "dim"))

    def on_mount(self) -> None:
        """Keys move the mark, not the text."""
        self.set_focus(None)

    def on_chooser_chosen(self, event: Chooser.Chosen) -> None:
        """A click on a line takes it."""
        self.do_confirm()

    def do_confirm(self) -> None:
        """The marked line it is."""
        self.dismiss(MINUTES[self.query_one(Chooser).place])

    def do_up(self) -> None:
        """Mark the line above."""
        self.query_one(Chooser).move(-1)

    def do_down(self) -> None:
        """Mark the line below."""
        self.query_one(Chooser).move(1)
