"""What of a row to mark as the reason that it was found. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from mechtui.models import Session
from mechtui.search.predicate import LETTER, Predicate, Viewer, fold_plate, predicate_of
from mechtui.search.tree import Among, Between, Flag, Leaf, Match, Node, Words, wanted
from mechtui.text import fold

_COLUMNS: dict[str, tuple[str, ...]] = {
    "text": ("vehicle", "customer", "concern"), "code": ("concern",), "name": ("customer",),
    "vehicle": ("vehicle",), "make": ("vehicle",), "model": ("vehicle",), "year": ("vehicle",), "plate": (), "vin": (),
    "plan": (),
}  # fmt: skip
"""The columns that the text of a field stands in."""
_WHOLE: dict[str, tuple[str, ...]] = {
    "type": ("type",), "status": ("status", "outcome"), "rating": ("rating",), "date": ("requested",),
    "wait": ("waited",), "length": ("length",), "price": ("plan",), "plan": ("plan",), "hour": ("requested",),
    "urgent": ("urgent",), "mine": ("by",),
    "unrated": ("rating",), "summary": ("summary",), "live": ("status", "outcome"), "waiting": ("status", "outcome"),
    "expired": ("outcome",),
}  # fmt: skip
"""The columns that are the answer to a condition."""
_YEAR = r"\A[0-9]{2,4}(?= )"


@dataclass(frozen=True)
class Marks:
    """What to look for in the text of each column, and which rows have a column marked as a whole."""

    texts: dict[str, re.Pattern[str]] = field(default_factory=dict)
    whole: dict[str, tuple[Predicate, ...]] = field(default_factory=dict)
    anywhere: re.Pattern[str] | None = None

    def spans(self, row: Session, column: str, text: str) -> list[tuple[int, int]]:
        """The stretches of a cell's text to mark, in characters."""
        if text.strip() and any(meets(row) for meets in self.whole.get(column, ())):
            start = len(text) - len(text.lstrip())
            return [(start, len(text.rstrip()))]
        pattern = self.texts.get(column)
        return spans_of(pattern, text) if pattern else []


NO_MARKS = Marks()


def marks_of(node: Node, viewer: Viewer) -> Marks:
    """What to mark in the rows that a tree finds."""
    needles: dict[str, list[str]] = {}
    everywhere: list[str] = []
    whole: dict[str, list[Predicate]] = {}
    for leaf in wanted(node):
        name = leaf.name if isinstance(leaf, Flag) else leaf.field
        for column in _WHOLE.get(name, ()):
            whole.setdefault(column, []).append(predicate_of(leaf, viewer))
        if needle := _needle(leaf):
            everywhere += [needle] if isinstance(leaf, Words) else []
            for column in _COLUMNS[name]:
                needles.setdefault(column, []).append(needle)
    texts = {column: _one_of(found) for column, found in needles.items()}
    answers = {column: tuple(tests) for column, tests in whole.items()}
    return Marks(texts, answers, _one_of(everywhere) if everywhere else None)


def spans_of(pattern: re.Pattern[str], text: str) -> list[tuple[int, int]]:
    """Where a pattern of folded text is found in `text`, in characters of `text`."""
    folded, places = _folded(text)
    found = [match.span() for match in pattern.finditer(folded) if match.end() > match.start()]
    return [(places[start], _after(text, places[end - 1])) for start, end in found]


def _needle(leaf: Leaf) -> str:
    """What to look for in folded text, as a regular expression; nothing where it is no text."""
    match leaf:
        case Words("plan"):
            return ""
        case Words("plate", text, _):
            return "[ -]*".join(map(re.escape, fold_plate(text)))
        case Words(_, text, how):
            needle = re.escape(fold(text))
            start = "" if how is Match.INSIDE else f"(?<![{LETTER}])"
            end = f"(?![{LETTER}])" if how is Match.WHOLE else ""
            return f"{start}{needle}{end}" if needle else ""
        case Between("year"):
            return _YEAR
        case Among() | Between() | Flag():
            return ""


def _one_of(needles: Iterable[str]) -> re.Pattern[str]:
    """The longest first, so that `stall` does not cut `stalls` short."""
    return re.compile("|".join(sorted(needles, key=len, reverse=True)))


def _folded(text: str) -> tuple[str, list[int] | range]:
    """The text folded, and for each character of that the place in `text` it comes from."""
    if text.isascii():
        return text.lower(), range(len(text))
    parts = [fold(character) for character in text]
    return "".join(parts), [place for place, part in enumerate(parts) for _ in part]


def _after(text: str, last: int) -> int:
    """The end of a stretch whose last character is at `last`: marks that belong to it are in it."""
    end = last + 1
    while end < len(text) and not text[end].isascii() and not fold(text[end]):
        end += 1
    return end
