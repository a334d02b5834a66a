"""Panels with a list that is read when they open, and below it what is told of the marked line."""

from collections.abc import Iterable
from typing import ClassVar

from textual.binding import BindingType
from textual.widget import Widget

from mechtui.facts import paragraph
from mechtui.formatting import Line
from mechtui.key_names import Named
from mechtui.screens.panel import Panel, bound
from mechtui.widgets.chooser import Chooser


class ListPanel(Panel[None]):
    """A `Chooser` over the pager. `why` says what went wrong with the last reading, `key` names the keys there are."""

    BINDINGS: ClassVar[list[BindingType]] = [bound("retry")]

    def __init__(self, key: Named) -> None:
        super().__init__()
        self._key = key
        self.why = ""
        self.chooser = Chooser()

    def content(self) -> Iterable[Widget]:
        """The list, then what is told of the marked line."""
        yield self.chooser
        yield self.pager

    def on_mount(self) -> None:
        """Read what there is."""
        self.do_retry()

    def text(self, width: int) -> list[Line]:
        """What is told of the marked line, or why there is none."""
        if self.why:
            return [*paragraph(self.why, width, "warn"), *self.tries_again(self._key, width)]
        return self.told(width)

    def told(self, width: int) -> list[Line]:
        """What is told of the marked line once the list is read, or that it is still being read."""
        raise NotImplementedError

    def on_chooser_chosen(self, _: Chooser.Chosen) -> None:
        """A click marks a line."""
        self.refresh_text()

    def do_up(self) -> None:
        """The line above."""
        self.chooser.move(-1)
        self.refresh_text()

    def do_down(self) -> None:
        """The line below."""
        self.chooser.move(1)
        self.refresh_text()

    def do_retry(self) -> None:
        """Ask the backend, unless the list is there."""
        raise NotImplementedError
