"""An app that paints no faster than its terminal takes it.

Textual puts each frame in a row for the terminal, and waits, with all it does, when the row is full: over a slow line
one sees what was true a minute ago, and meanwhile no key and no message is heard. Here a frame that finds the terminal
still busy with earlier ones is left out, and once it has taken those it is told of the screen as it is by then.
"""

from collections.abc import Callable
from typing import Any

from rich.console import RenderableType
from textual._compositor import CompositorUpdate
from textual.app import App, ReturnType
from textual.screen import Screen

from mechtui.driver import TerminalDriver

LOOK_AGAIN_SECONDS = 0.05
"""How often is looked whether the terminal has taken what it was told."""


class AtItsPace(App[ReturnType]):
    """An app whose frames are left out while the terminal is behind."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._owes = False
        """Whether something was left out and not made good yet."""
        self._owed: list[Callable[[], None]] = []
        self._pointer = ""

    @property
    def is_behind(self) -> bool:
        """Whether the terminal has not taken yet what it was told."""
        return isinstance(self._driver, TerminalDriver) and self._driver.is_behind

    def when_ready(self, tell: Callable[[], None]) -> None:
        """Tell the terminal something now, or when it is ready: once, however often it was to be told."""
        if not self.is_behind:
            tell()
        elif tell not in self._owed:
            self._owed.append(tell)
            self._catch_up_later()

    def bell(self) -> None:
        """Ring."""
        self.when_ready(super().bell)

    def _set_pointer_shape(self, shape: str) -> None:
        self._pointer = shape
        self.when_ready(self._show_pointer)

    def _show_pointer(self) -> None:
        super()._set_pointer_shape(self._pointer)

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        """Paint now, or what there is then when the terminal is ready."""
        if isinstance(renderable, CompositorUpdate) and self.is_behind:
            self._catch_up_later()
        else:
            super()._display(screen, renderable)

    def _catch_up_later(self) -> None:
        if not self._owes:
            self._owes = True
            self.set_timer(LOOK_AGAIN_SECONDS, self._catch_up)

    def _catch_up(self) -> None:
        """Paint the screen whole: what stands there already is not written (`mechtui.widgets.frame`)."""
        self._owes = False
        if self._batch_count or self.is_behind:
            self._catch_up_later()
            return
        owed, self._owed = self._owed, []
        for tell in owed:
            tell()
        compositor = self.screen._compositor
        self._display(self.screen, compositor.render_update(full=True, screen_stack=self._background_screens))
