"""What a query asks for, as a tree. Pure.

Everything is exact here: a day is two moments, a price is cents, a length milliseconds. So the same tree means the
same today and tomorrow, here and on the server.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum


class Match(StrEnum):
    """How a text must stand in a field: anywhere, at the start, or as the whole of it.

    In running text, `START` is the start of a word, and `WHOLE` a whole word.
    """

    INSIDE = "inside"
    START = "start"
    WHOLE = "whole"


@dataclass(frozen=True, slots=True)
class Words:
    """`text`, as it was typed, must stand in `field`. Case and accents make no difference."""

    field: str
    text: str
    match: Match = Match.INSIDE


@dataclass(frozen=True, slots=True)
class Among:
    """`field` must be one of `values`."""

    field: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Between:
    """The number in `field` must be at least `low` and less than `high`; either may be missing.

    Years and ratings are themselves, prices are cents, lengths of time milliseconds, moments milliseconds since 1970.
    """

    field: str
    low: int | None
    high: int | None


@dataclass(frozen=True, slots=True)
class Flag:
    """Something that is so or not: `is:urgent`, `has:files`. `field` is `is` or `has`."""

    field: str
    name: str


@dataclass(frozen=True, slots=True)
class Not:
    """What does not meet `part`."""

    part: "Node"


@dataclass(frozen=True, slots=True)
class All:
    """What meets each of `parts`; without parts, everything."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Any:
    """What meets one of `parts`, of which there are two at least."""

    parts: tuple["Node", ...]


Leaf = Words | Among | Between | Flag
Node = Leaf | Not | All | Any

EVERYTHING = All(())


def all_of(parts: Iterable[Node]) -> Node:
    """The parts together, in the simplest form: nothing nested, nothing alone."""
    flat = tuple(_opened(parts, All))
    return flat[0] if len(flat) == 1 else All(flat)


def any_of(parts: Iterable[Node]) -> Node:
    """One of the parts, in the simplest form."""
    flat = tuple(_opened(parts, Any))
    return flat[0] if len(flat) == 1 else Any(flat)


def none_of(part: Node) -> Node:
    """The opposite of a part, in the simplest form."""
    return part.part if isinstance(part, Not) else Not(part)


def leaves(node: Node) -> Iterator[Leaf]:
    """Every condition in a tree, from left to right."""
    match node:
        case Not(part):
            yield from leaves(part)
        case All(parts) | Any(parts):
            for part in parts:
                yield from leaves(part)
        case _:
            yield node


def wanted(node: Node) -> Iterator[Leaf]:
    """The conditions that a row found may owe its place to: those that are not denied."""
    match node:
        case Not():
            return
        case All(parts) | Any(parts):
            for part in parts:
                yield from wanted(part)
        case _:
            yield node


def _opened(parts: Iterable[Node], kind: type[All] | type[Any]) -> Iterator[Node]:
    for part in parts:
        if isinstance(part, kind):
            yield from part.parts
        else:
            yield part
