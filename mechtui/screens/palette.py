"""Every action by name."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Input

from mechtui.actions import Action, Context
from mechtui.formatting import Line, Piece, fit
from mechtui.screens.panel import Panel, bound
from mechtui.text import fold
from mechtui.widgets.bars import KeyHint
from mechtui.widgets.chooser import Chooser

_NAME_WIDTH = 21
_KEYS_WIDTH = 11


@dataclass(frozen=True)
class Entry:
    """A line of the palette, and what choosing it does. `blocked` says why it would do nothing now."""

    name: str
    keys: str
    help: str
    run: Callable[[], None]
    blocked: str | None = None

    @property
    def line(self) -> Line:
        """The line as painted."""
        about = Piece(f"not now: {self.blocked}", "warn") if self.blocked else Piece(self.help, "dim")
        name = Piece(fit(self.name, _NAME_WIDTH), "dim" if self.blocked else "text")
        return (name, Piece(fit(self.keys, _KEYS_WIDTH), "key"), about)


def entries_of(actions: Sequence[Action], context: Context, run: Callable[[str], None]) -> list[Entry]:
    """The entries of actions: those possible now first, each group in the table's order."""
    entries = [
        Entry(action.label, action.shown_keys, action.help, lambda i=action.id: run(i), action.blocked(context))  # type: ignore[misc]
        for action in actions
    ]
    return sorted(entries, key=lambda entry: entry.blocked is not None)


class PalettePanel(Panel[Entry]):
    """Type some letters of a name, choose with Enter. Its result is the entry."""

    TITLE = "What to do?"
    KEYS = (
        KeyHint("↑ ↓", "choose", "down"),
        KeyHint("Enter", "do it", "confirm", True),
        KeyHint("Esc", "close", "close", True),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "do('confirm')", show=False),
        bound("palette", "close"),
    ]

    def __init__(self, entries: Sequence[Entry]) -> None:
        super().__init__()
        self._entries = entries
        self._offered = list(entries)

    def content(self) -> Iterator[Widget]:
        """What is typed, and what it finds."""
        yield Input(placeholder="type to find")
        yield Chooser([entry.line for entry in self._entries])

    def on_input_changed(self, event: Input.Changed) -> None:
        """Offer what holds all the words typed."""
        words = fold(event.value).split()
        self._offered = [e for e in self._entries if all(word in fold(f"{e.name} {e.help}") for word in words)]
        self.query_one(Chooser).offer([entry.line for entry in self._offered])

    def on_input_submitted(self, _: Input.Submitted) -> None:
        """Enter while typing takes the marked one."""
        self.do_confirm()

    def on_chooser_chosen(self, _: Chooser.Chosen) -> None:
        """A click takes one."""
        self.do_confirm()

    def do_confirm(self) -> None:
        """Take the marked entry."""
        if self._offered:
            self.dismiss(self._offered[self.query_one(Chooser).place])

    def do_up(self) -> None:
        """Mark the entry above."""
        self.query_one(Chooser).move(-1)

    def do_down(self) -> None:
        """Mark the entry below."""
        self.query_one(Chooser).move(1)
