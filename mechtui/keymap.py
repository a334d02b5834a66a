"""Which key does what: the table of actions, with the keys a mechanic has chosen instead of its own. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations

from mechtui.actions import ACTIONS, BY_ID, Action, Context
from mechtui.key_names import Scope, key_name

_KEY = re.compile(r"(ctrl\+|alt\+|shift\+)*([a-zA-Z0-9]|[a-z][a-z_0-9]+)")
_SIGNS = {
    "+": "plus", "-": "minus", "*": "asterisk", "/": "slash", "?": "question_mark", ".": "full_stop", ",": "comma",
    "!": "exclamation_mark", "#": "number_sign", "=": "equals_sign", ";": "semicolon", ":": "colon", "<":
    "less_than_sign", ">": "greater_than_sign", "[": "left_square_bracket", "]": "right_square_bracket",
}  # fmt: skip
"""What the signs are called by the terminal library."""


class KeymapError(ValueError):
    """The keys chosen cannot be used; the text names the actions and the key."""


class Keymap:
    """The actions under their keys."""

    def __init__(self, actions: tuple[Action, ...] = ACTIONS) -> None:
        self.actions = actions
        self._names = {action.id: key_name(action.keys[0]) for action in actions}

    def heard_in(self, scope: Scope) -> tuple[Action, ...]:
        """The actions whose keys are heard in the lists or in an intake."""
        return tuple(action for action in self.actions if action.scope in {scope, Scope.BOTH})

    def footer(self, context: Context) -> tuple[Action, ...]:
        """The actions to name in the footer: those possible here and now, most important first."""
        scope = Scope.INTAKE if context.in_intake else Scope.LIST
        possible = [action for action in self.heard_in(scope) if action.footer and action.blocked(context) is None]
        return tuple(sorted(possible, key=lambda action: action.footer))

    def name(self, action_id: str) -> str:
        """The key of an action as people call it, for sentences; a tab is the action that shows it."""
        return self._names[action_id]

    def chosen(self) -> dict[str, str]:
        """By action, the keys that are not the table's own, in one text."""
        return {action.id: ",".join(action.keys) for action in self.actions if action.keys != BY_ID[action.id].keys}


DEFAULT = Keymap()
"""The table as it stands."""


def remapped(chosen: Mapping[str, str | Sequence[str]]) -> Keymap:
    """The table with these keys in place of its own: a key, or several, by the action's id.

    Raises `KeymapError` for an action or a key there is none of, and where two actions heard in the same place would
    have the same key.
    """
    unknown = [name for name in chosen if name not in BY_ID]
    if unknown:
        raise KeymapError(f"there is no action called {unknown[0]}; there are {', '.join(BY_ID)}")
    keys = {name: _keys(name, value) for name, value in chosen.items()}
    actions = tuple(replace(action, keys=keys.get(action.id, action.keys)) for action in ACTIONS)
    for one, other, key in _clashes(actions):
        raise KeymapError(f"{key} would be both {one.id} ({one.label}) and {other.id} ({other.label})")
    return Keymap(actions)


def _keys(name: str, value: str | Sequence[str]) -> tuple[str, ...]:
    keys = tuple(_SIGNS.get(key, key) for key in ((value,) if isinstance(value, str) else value))
    wrong = [key for key in keys if not _KEY.fullmatch(key)]
    if wrong or not keys:
        what = f"{wrong[0]!r} is no key" if wrong else "no key is given"
        raise KeymapError(f'{name}: {what}; keys are written like "a", "+", "f2", "ctrl+a", "pageup", "enter"')
    return keys


def _clashes(actions: tuple[Action, ...]) -> Iterator[tuple[Action, Action, str]]:
    for one, other in combinations(actions, 2):
        together = one.scope == other.scope or Scope.BOTH in {one.scope, other.scope}
        for key in set(one.keys) & set(other.keys) if together else ():
            yield one, other, key
