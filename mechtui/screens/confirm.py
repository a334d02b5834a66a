"""Questions asked before something that cannot be taken back."""

from typing import ClassVar

from textual.binding import Binding, BindingType

from mechtui.facts import paragraph
from mechtui.formatting import Line, Piece, money, one_line, running
from mechtui.key_names import Named
from mechtui.models import Session
from mechtui.screens.panel import Panel
from mechtui.store import Store
from mechtui.widgets.bars import KeyHint
from mechtui.wording import called

SURE_SECONDS = 60
"""A session that ran this long counts as completed wherever the shop's rule is the usual one."""


class EndPanel(Panel[bool]):
    """Asks before a session is ended, and says what it will count as."""

    TITLE = "End the session?"
    KEYS = (KeyHint("Enter", "end it", "confirm", True), KeyHint("Esc", "go on with it", "close", True))
    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "do('confirm')", show=False)]

    def __init__(self, store: Store, session: Session) -> None:
        super().__init__()
        self._store = store
        self._session = session

    def text(self, width: int) -> list[Line]:
        """Whose session, and what comes of it."""
        return [(Piece(f" {called(self._session)}", "strong"),), (), *paragraph(self._verdict(), width)]

    def tick(self) -> None:
        """The session runs on while one thinks."""
        self.refresh_text()

    def _verdict(self) -> str:
        row = self._store.find(self._session.id) or self._session
        if row.started_at is None:
            release = self._store.keymap.name("release")
            return f"It has not started, so it will be CANCELLED. With {release} somebody else can take it instead."
        ran = (self._store.now - row.started_at).total_seconds()
        if ran < SURE_SECONDS:
            return f"It has run for {running(ran)} only. A session this short may count as CANCELLED, not completed."
        price = f", {money(row.plan.price_cents)}" if row.plan else ""
        return f"It has run for {running(ran)} and will be COMPLETED{price}."

    def do_confirm(self) -> None:
        """Yes."""
        self.dismiss(True)


class QuitPanel(Panel[bool]):
    """Asks before leaving while a customer is in a live session."""

    TITLE = "Leave now?"
    KEYS = (KeyHint("Enter", "leave", "confirm", True), KeyHint("Esc", "stay", "close", True))
    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "do('confirm')", show=False)]

    def __init__(self, session: Session, key: Named) -> None:
        super().__init__()
        self._session = session
        self._key = key

    def text(self, width: int) -> list[Line]:
        """What stays."""
        where = f"you find it under {self._key('active')} Active when you come back."
        words = f"This session is live. It stays yours, and stays open: {where}"
        return [(Piece(f" {called(self._session)}", "strong"),), (), *paragraph(words, width)]

    def do_confirm(self) -> None:
        """Yes."""
        self.dismiss(True)


class WithdrawPanel(Panel[bool]):
    """Asks before an offer is taken back from the colleague it was made to."""

    TITLE = "Take the offer back?"
    KEYS = (KeyHint("Enter", "take it back", "confirm", True), KeyHint("Esc", "leave it", "close", True))
    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "do('confirm')", show=False)]

    def __init__(self, session: Session, colleague: str) -> None:
        super().__init__()
        self._session = session
        self._colleague = colleague

    def text(self, width: int) -> list[Line]:
        """From whom."""
        words = f"{one_line(self._colleague)} has not answered yet. It is yours either way."
        return [(Piece(f" {called(self._session)}", "strong"),), (), *paragraph(words, width)]

    def do_confirm(self) -> None:
        """Yes."""
        self.dismiss(True)
