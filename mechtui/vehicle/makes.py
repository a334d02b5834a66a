"""Makes: how people write them, and which vehicle identification numbers they are the makers of."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from mechtui.text import fold

_ALIKE_FROM = 4
"""Shorter names than this are never taken for a misspelling of another."""


@dataclass(frozen=True)
class _Table:
    names: dict[str, tuple[str, ...]]
    makers: dict[str, tuple[str, ...]]


def makers_of(vin: str) -> tuple[str, ...]:
    """The makes whose numbers begin like this one, in upper case; several share some beginnings. Empty: not known."""
    return _table().makers.get(vin[:3], ())


def same_make(stated: str, make: str) -> bool:
    """Whether what somebody wrote is this make: by one of its names, or with one letter wrong."""
    key = _key(stated)
    known = _table().names.get(key)
    return make in known if known else any(_one_letter_off(key, name) for name in _names_of(make))


def _names_of(make: str) -> list[str]:
    return [name for name, meant in _table().names.items() if make in meant]


def _key(text: str) -> str:
    """Letters and digits only: `Mercedes-Benz`, `mercedes benz` and `MERCEDESBENZ` are one."""
    return "".join(character for character in fold(text) if character.isalnum())


def _one_letter_off(one: str, other: str) -> bool:
    """Whether one letter changed, added, left out or swapped with its neighbour makes the one the other."""
    if min(len(one), len(other)) < _ALIKE_FROM:
        return False
    start = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    left, right = one[start:], other[start:]
    swapped = left[1:2] + left[:1] + left[2:]
    return left[1:] == right[1:] or left[1:] == right or left == right[1:] or swapped == right


@cache
def _table() -> _Table:
    entries = tomllib.loads((files(__package__) / "data" / "makes.toml").read_text(encoding="utf-8"))["make"]
    names: dict[str, tuple[str, ...]] = {}
    makers: dict[str, tuple[str, ...]] = {}
    for entry in entries:
        make = entry["name"]
        for name in {_key(name) for name in (make, *entry.get("also", ()))}:
            names[name] = (*names.get(name, ()), make)
        for beginning in dict.fromkeys(entry["wmi"].split()):
            makers[beginning] = (*makers.get(beginning, ()), make)
    return _Table(names, makers)
