"""What to do when there is no token, or the backend does not take it."""

from enum import StrEnum
from typing import ClassVar

from textual.binding import Binding, BindingType

from mechtui.facts import paragraph
from mechtui.formatting import Line, Piece, one_line
from mechtui.screens.panel import Panel
from mechtui.widgets.bars import KeyHint


class Trouble(StrEnum):
    """Why the dashboard cannot be used as it is."""

    NO_TOKEN = "no token"
    SIGNED_OUT = "signed out"
    TOO_OLD = "too old"


_TITLES = {
    Trouble.NO_TOKEN: "Welcome to mechtui",
    Trouble.SIGNED_OUT: "Signed out",
    Trouble.TOO_OLD: "Too old",
}


class SetupPanel(Panel[None]):
    """Says what is missing and the commands that help. `why` is the backend's word, `source` where the token was."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("q", "do('quit')", show=False)]

    def __init__(self, trouble: Trouble, server: str, why: str = "", source: str = "") -> None:
        super().__init__()
        self._trouble = trouble
        self._server = server
        self._why = why
        self._source = source

    def heading(self) -> str:
        """The trouble in two words."""
        return _TITLES[self._trouble]

    def hints(self) -> list[KeyHint]:
        """Without a token there are no lists to look at."""
        leave = KeyHint("q", "quit", "quit", True)
        return [leave] if self._trouble is Trouble.NO_TOKEN else [leave, KeyHint("Esc", "look at the lists", "close")]

    def text(self, width: int) -> list[Line]:
        """What is wrong, then what to do, step by step."""
        if self._trouble is Trouble.TOO_OLD:
            return [
                *paragraph(one_line(self._why), width, "strong"),
                (),
                *paragraph("Install the same version on both sides, then start mechtui again.", width),
            ]
        return [*self._problem(width), (), *self._steps(width)]

    def _problem(self, width: int) -> list[Line]:
        if self._trouble is Trouble.NO_TOKEN:
            return paragraph(
                "This terminal has no token yet, so the backend does not know who you are.", width, "strong"
            )
        source = f" The token came from {one_line(self._source)}." if self._source else ""
        return paragraph(f"{one_line(self._why) or 'The backend does not take this token.'}{source}", width, "strong")

    def _steps(self, width: int) -> list[Line]:
        return [
            *paragraph("1. On the machine of the backend, make a token. It is shown once:", width),
            *_command('mechtui mechanic add "Your Name"'),
            *paragraph("2. Give it to this terminal, in one of two ways:", width),
            *_command("export MECHTUI_TOKEN=..."),
            *_command("mechtui --token-file FILE"),
            *paragraph("3. Start mechtui again. It asks the backend at", width),
            *_command(one_line(self._server)),
            *paragraph("which --server or MECHTUI_SERVER changes. No backend yet? This starts one here:", width),
            *_command("mechtui serve"),
        ]

    def do_quit(self) -> None:
        """Leave; there is nothing to lose."""
        self.app.exit(0)


def _command(words: str) -> list[Line]:
    return [(Piece(f"      {words}", "accent"),)]
