"""Panels that ask for one of a few: keys and clicks move a mark, Enter takes what is marked."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, TypeVar

from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Input

from mechtui.formatting import Piece
from mechtui.screens.panel import Panel
from mechtui.widgets.chooser import Chooser

Result = TypeVar("Result")


class ChoicePanel(Panel[Result]):
    """A panel with a `Chooser` in it. What is taken is said by `do_confirm`."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "do('confirm')", show=False)]

    def on_mount(self) -> None:
        """Keys move the mark, not the text."""
        self.set_focus(None)

    def on_chooser_chosen(self, _: Chooser.Chosen) -> None:
        """A click takes one."""
        self.do_confirm()

    def do_confirm(self) -> None:
        """Take what is marked."""
        raise NotImplementedError

    def ask_for_words(self) -> None:
        """Show the line for words of one's own; what is typed next goes there."""
        words = self.query_one(Input)
        words.display = True
        self.set_focus(words)

    def do_up(self) -> None:
        """Mark the line above."""
        self.query_one(Chooser).move(-1)

    def do_down(self) -> None:
        """Mark the line below."""
        self.query_one(Chooser).move(1)


class FormPanel(ChoicePanel[Result]):
    """Asks for the form of a file, by its number, too. `FORMS` are the results, each with its words."""

    FORMS: ClassVar[Mapping[Any, str]] = {}
    BINDINGS: ClassVar[list[BindingType]] = [Binding(str(n), f"choose({n})", show=False) for n in range(1, 10)]

    def content(self) -> Iterator[Widget]:
        """What, where to, and the forms there are."""
        yield self.pager
        yield Chooser([(Piece(f"{n} ", "dim"), Piece(words)) for n, words in enumerate(self.FORMS.values(), 1)])

    def do_confirm(self) -> None:
        """Take the marked form."""
        self.dismiss(list(self.FORMS)[self.query_one(Chooser).place])

    def action_choose(self, number: int) -> None:
        """Take a form by its number."""
        if number <= len(self.FORMS):
            self.dismiss(list(self.FORMS)[number - 1])
