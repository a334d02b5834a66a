"""Keys: as people call them, and where they are heard."""

from collections.abc import Callable
from enum import StrEnum

Named = Callable[[str], str]
"""The key of an action as people call it, by the action's id."""


class Scope(StrEnum):
    """Where a key is heard: in the lists, in an intake, or in both."""

    LIST = "list"
    INTAKE = "intake"
    BOTH = "both"


def key_name(key: str) -> str:
    """A key as people call it."""
    return _KEY_NAMES.get(key, key)


_KEY_NAMES = {
    "up": "↑", "down": "↓", "pageup": "PgUp", "pagedown": "PgDn", "home": "Home", "end": "End", "enter": "Enter",
    "escape": "Esc", "plus": "+", "minus": "-", "asterisk": "*", "slash": "/", "question_mark": "?", "ctrl+p": "Ctrl+P",
    "ctrl+c": "Ctrl+C", "space": "Space", "left": "←", "right": "→",
}  # fmt: skip
