"""The keys, made from the table of actions, with the reason beside each that is not possible now."""

from typing import ClassVar

from textual.binding import Binding, BindingType

from mechtui.actions import Action, Context
from mechtui.formatting import Line, Piece, fit, wrap
from mechtui.key_names import Scope
from mechtui.keymap import Keymap
from mechtui.screens.panel import Panel, bound
from mechtui.widgets.bars import KeyHint

_KEYS_WIDTH = 12
_LABEL_WIDTH = 18


class HelpPanel(Panel[None]):
    """All keys heard where one came from."""

    TITLE = "Keys"
    KEYS = (KeyHint("Esc", "close", "close", True), KeyHint("↑ ↓", "scroll", "down"))
    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "do('close')", show=False), bound("help", "close")]

    def __init__(self, context: Context, keymap: Keymap) -> None:
        super().__init__()
        self._where = context
        self._keymap = keymap

    def text(self, width: int) -> list[Line]:
        """A line an action; where it is not possible now, the reason under it."""
        scope = Scope.INTAKE if self._where.in_intake else Scope.LIST
        return [line for action in self._keymap.heard_in(scope) for line in self._entry(action, width)]

    def _entry(self, action: Action, width: int) -> list[Line]:
        reason = action.blocked(self._where)
        indent = _KEYS_WIDTH + _LABEL_WIDTH + 1
        told = [Piece(line, "dim") for line in wrap(action.help, width - indent)]
        if reason:
            told += [Piece(line, "warn") for line in wrap(f"not now: {reason}", width - indent)]
        keys = Piece(f" {fit(action.shown_keys, _KEYS_WIDTH)}", "key")
        label = Piece(fit(action.label, _LABEL_WIDTH), "dim" if reason else "text")
        return [(keys, label, told[0]), *((Piece(" " * indent), more) for more in told[1:])]
