"""The way from the dashboard into the session's page."""

import os
from typing import ClassVar, Protocol

from textual.binding import Binding, BindingType

from mechtui.api_errors import NoPage
from mechtui.cells import clock_piece, status_piece
from mechtui.facts import booked, paragraph
from mechtui.formatting import Line, Piece, clip, one_line, wrap
from mechtui.models import Session
from mechtui.qr import code_lines, size_of
from mechtui.screens.panel import Panel, bound
from mechtui.session_page import page_url
from mechtui.store import Store
from mechtui.terminal import Glyphs, glyphs_of
from mechtui.widgets.bars import KeyHint
from mechtui.wording import called

_GAP = Piece("  ")
_WORDS = 24
"""Columns that words beside a code need at least."""
_ROUND, _SIDES = 4, 4
"""Lines and columns of the frame and what else is around the text."""


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
        """Who and what, and the way there."""
        row = self.session
        who: Line = (Piece(f" {called(row)}", "strong"),)
        state = self._state(row)
        try:
            url = page_url(row)
        except NoPage as error:
            return [who, state, (), *paragraph(one_line(str(error)), width, "warn")]
        if self.opened:
            return [who, state, (), (Piece(" Opened in your browser:"),), (), *_address(url, width)]
        return self._with_code(url, [who, state, ()], width)

    def _with_code(self, url: str, words: list[Line], width: int) -> list[Line]:
        """The address, and as much of a way to a phone as there is room for."""
        code = code_lines(url, half_blocks=glyphs_of(os.environ) is Glyphs.ALL)
        columns, lines = size_of(code)
        address, how = _address(url, width), "Open this page where you have a browser"
        beside = width - columns - len(_GAP.text)
        if beside >= _WORDS and len(address) + lines <= self._room:
            told = [*words, *paragraph(f"{how}, or point a phone at it.", beside)]
            told += [()] * (lines - len(told))
            return [*address, *((*row, _GAP, *clip(line, beside)) for row, line in zip(code, told, strict=True))]
        above = [*words, (Piece(f" {how}:"),), (), *address, ()]
        if columns <= width and len(above) + lines <= self._room:
            return [*above, *code]
        needed = f"{columns + _SIDES}×{len(above) + lines + _ROUND}"
        return [*above, *paragraph(f"As a QR code, too, in a window of {needed}.", width, "dim")]

    @property
    def _room(self) -> int:
        """Lines for the text. The code may need every one of the screen."""
        return max(2, self.app.size.height - _ROUND)

    def give_room(self, height: int) -> None:
        """All lines but those of the frame and the keys are the text's."""
        self.pager.styles.max_height = self._room

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


def _address(url: str, width: int) -> list[Line]:
    """From edge to edge: on one line it can be copied by hand."""
    return [(Piece(part, "accent", "open", url),) for part in wrap(url, width)]
