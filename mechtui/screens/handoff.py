"""The way from the dashboard into the session's page."""

from typing import ClassVar, Protocol

from textual.binding import Binding, BindingType

from mechtui.api_errors import NoPage
from mechtui.cells import clock_piece, status_piece
from mechtui.facts import booked, paragraph
from mechtui.formatting import Line, Piece, one_line, wrap
from mechtui.models import Session
from mechtui.screens.panel import Panel, bound
from mechtui.session_page import page_url
from mechtui.store import Store
from mechtui.widgets.bars import KeyHint
from mechtui.wording import called


class HandsOut(Protocol):
    """What the panel asks of those who carry actions out."""

    def open_page(self, row: Session, panel: "HandoffPanel | None" = None) -> None:
        """Open the session's page."""

    def copy(self, row: Session, vin: str = "") -> None:
        """Send the page's address to the clipboard."""


class HandoffPanel(Panel[None]):
    """What was won and where its page is. `won` says that it was accepted just now, `opened` that a browser has it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "do('close')", show=False),
        bound("open"),
        bound("copy"),
    ]

    def __init__(self, hands: HandsOut, store: Store, session: Session, *, won: bool, opened: bool) -> None:
        super().__init__()
        self._hands = hands
        self._store = store
        self._session = session
        self._won = won
        self.opened = opened

    @property
    def session(self) -> Session:
        """The session as it stands now."""
        return self._store.find(self._session.id) or self._session

    def heading(self) -> str:
        """Whether this is a hand-off or a look at the page again."""
        return "Accepted: it is yours" if self._won else "The session's page"

    def hints(self) -> list[KeyHint]:
        """The page once more, its address, and on."""
        key = self._store.keymap.name
        return [
            KeyHint(key("open"), "open page", "open"),
            KeyHint(key("copy"), "copy address", "copy"),
            KeyHint("Enter", "to Active", "close", True),
        ]

    def text(self, width: int) -> list[Line]:
        """Who and what, then the address from edge to edge: on one line it can be copied by hand."""
        row = self.session
        who: Line = (Piece(f" {called(row)}", "strong"),)
        state = self._state(row)
        try:
            url = page_url(row)
        except NoPage as error:
            return [who, state, (), *paragraph(one_line(str(error)), width, "warn")]
        how = "Opened in your browser:" if self.opened else "Open this page where you have a browser:"
        address: list[Line] = [(Piece(part, "accent", "open", url),) for part in wrap(url, width)]
        return [who, state, (), (Piece(f" {how}"),), (), *address]

    def _state(self, row: Session) -> Line:
        """Where it stands and, once it runs, its clock, then what was booked."""
        now = self._store.now
        clock: Line = (Piece("   "), clock_piece(row, now)) if row.started_at else ()
        return (Piece(" "), status_piece(row, now), *clock, Piece(f"   {booked(row)}", "dim"))

    def tick(self) -> None:
        """The customer may join while one looks."""
        self.refresh_text()

    def do_open(self) -> None:
        """Open the page, and be in the session."""
        self._hands.open_page(self.session, panel=self)

    def do_copy(self) -> None:
        """Send the address to the clipboard."""
        self._hands.copy(self.session)
