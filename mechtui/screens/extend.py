"""Adding time to a live session, which the customer has to agree to."""

from collections.abc import Iterator

from textual.widget import Widget

from mechtui.facts import paragraph
from mechtui.formatting import Line, Piece, money
from mechtui.models import Session, extension_cents
from mechtui.screens.choice import ChoicePanel
from mechtui.widgets.bars import KeyHint
from mechtui.widgets.chooser import Chooser
from mechtui.wording import called

MINUTES = (5, 10, 15, 30)


class ExtendPanel(ChoicePanel[int]):
    """Asks how much time is added. Its result is in minutes."""

    TITLE = "Add time to the session?"
    KEYS = (
        KeyHint("↑ ↓", "choose", "down"),
        KeyHint("Enter", "the customer agreed: add it", "confirm", True),
        KeyHint("Esc", "leave it", "close", True),
    )

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

    def do_confirm(self) -> None:
        """The marked line it is."""
        self.dismiss(MINUTES[self.query_one(Chooser).place])
