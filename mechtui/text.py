"""The only door for text from outside.

Terminals act on what they are shown: escape sequences write to the clipboard, set titles and draw over the screen;
bidirectional controls reorder a line; invisible characters make two names look alike. `SafeText` is text that can
do none of that. The dashboard and the command line show nothing from the wire that is not `SafeText`.
"""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel

LINE_LIMIT = 500
"""Longest single line shown, in characters."""
BLOCK_LIMIT = 20_000
"""Longest text of several lines shown, in characters."""

_MARKS_PER_CHARACTER = 3
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_CONTROL_PICTURES = 0x2400
_ZWJ = "\N{ZERO WIDTH JOINER}"
_VARIATION_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_SUSPECT = re.compile(r"[^\x20-\x7e]")
_REFUSED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})

Model = TypeVar("Model", bound=BaseModel)


class SafeText(str):
    """Text that cannot act on a terminal. Making one cleans; there is no other way to get one.

    C0 controls become their Unicode pictures, every other control, format, private, unassigned or surrogate
    character the replacement character; at most three combining marks are kept a letter; tabs become a space.
    Line breaks are kept in `block`s only. Emoji are shown without joiners and selectors, so that their width is
    the same in every terminal.
    """

    __slots__ = ()

    def __new__(cls, text: str = "", /) -> "SafeText":
        """Clean `text` as a single line."""
        if isinstance(text, SafeText):
            return text
        line = " ".join(text.splitlines()) if len(text.splitlines()) > 1 else text.rstrip("\r\n")
        return str.__new__(cls, _clean(line, LINE_LIMIT))

    @classmethod
    def block(cls, text: str) -> "SafeText":
        """Clean `text` as one that may have several lines."""
        if isinstance(text, SafeText):
            return text
        lines = text[: BLOCK_LIMIT * 2].replace("\r\n", "\n").replace("\r", "\n").split("\n")
        return str.__new__(cls, "\n".join(_clean(line, BLOCK_LIMIT) for line in lines)[:BLOCK_LIMIT])


def safe_model(model: Model) -> Model:
    """A copy of `model` in which every text, however deep, is `SafeText`. Names of fields stay as they are."""
    return model.model_copy(update={name: _safe_value(getattr(model, name)) for name in type(model).model_fields})


def _safe_value(value: Any) -> Any:
    match value:
        case str():
            is_block = "\n" in value or "\r" in value or len(value) > LINE_LIMIT
            return SafeText.block(value) if is_block else SafeText(value)
        case BaseModel():
            return safe_model(value)
        case tuple() | list():
            return type(value)(_safe_value(item) for item in value)
        case Mapping():
            return {SafeText(str(key)): _safe_value(item) for key, item in value.items()}
        case _:
            return value


def _clean(line: str, limit: int) -> str:
    if not _SUSPECT.search(line):
        return line[:limit]
    cut = line[:limit].replace("\t", " ")
    composed = unicodedata.normalize("NFC", _VARIATION_SELECTORS.sub("", cut).replace(_ZWJ, ""))
    out: list[str] = []
    marks = 0
    for character in composed:
        category = unicodedata.category(character)
        marks = marks + 1 if category in {"Mn", "Me"} else 0
        if marks <= _MARKS_PER_CHARACTER:
            out.append(_shown(character, category))
    return "".join(out)


def _shown(character: str, category: str) -> str:
    if category not in _REFUSED:
        return character
    code = ord(character)
    return chr(_CONTROL_PICTURES + code) if code < 0x20 else _REPLACEMENT


def fold(text: str) -> str:
    """`text` for comparing: without case and accents. Client and server search by the same."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c))
