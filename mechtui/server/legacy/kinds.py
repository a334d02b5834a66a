"""The kinds of damage the old database can have: what each is called, and what is done about it.

K1 to K35, numbered as the owner's own list of them. Each finder is a function of all the old rows; what it finds is
looked at by `mechtui doctor SOURCE`, and gone by when the rows are moved.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from mechtui.server.legacy.links import Links
from mechtui.server.legacy.tables import Old, Ref, Row


class Fate(StrEnum):
    """What becomes of what was found, without anything being guessed."""

    REPAIRED = "repaired"
    QUARANTINED = "quarantined"
    LISTED = "listed"


@dataclass(frozen=True)
class Damage:
    """All the old rows as one looks for damage; `now` is the moment they are looked at."""

    old: Old
    links: Links
    now: datetime


@dataclass(frozen=True)
class Hit:
    """One thing found: its rows, the first being the one it is about, and what is special about it."""

    rows: tuple[Ref, ...]
    fate: Fate | None = None
    """Other than what its kind says, where that depends."""
    words: str = ""


Finder = Callable[[Damage], Iterable[Hit]]


@dataclass(frozen=True)
class OldKind:
    """One kind of damage. `repair` says what is done, or why nothing can be."""

    number: int
    words: str
    repair: str
    fate: Fate
    find: Finder


@dataclass(frozen=True)
class OldFinding:
    """One thing that is wrong in the old data."""

    kind: OldKind
    rows: tuple[Ref, ...]
    fate: Fate
    words: str = ""


KINDS: dict[int, OldKind] = {}


def kind(number: int, words: str, repair: str, fate: Fate = Fate.REPAIRED) -> Callable[[Finder], Finder]:
    """Declare a kind; the function below finds it."""

    def declared(find: Finder) -> Finder:
        KINDS[number] = OldKind(number, words, repair, fate, find)
        return find

    return declared


def hit(*rows: Row, fate: Fate | None = None, words: str = "") -> Hit:
    """What was found of these rows."""
    return Hit(tuple(row.ref for row in rows), fate, words)
