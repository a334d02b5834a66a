"""What a client says of its terminal, as far as it is believed: kind, size, language."""

import re
from collections.abc import Mapping
from typing import NamedTuple

SMALLEST = (40, 12)
LARGEST = (300, 100)
"""In characters. A screen of 2000 × 1000 would cost seconds and megabytes for each picture."""
_USUAL = (80, 24)
_TAKEN = frozenset({"LANG", "LC_ALL", "LC_CTYPE", "COLORTERM", "NO_COLOR", "MECHTUI_THEME"})
_SANE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@:+-]{0,63}")


class Size(NamedTuple):
    """Of a terminal, in characters."""

    columns: int
    rows: int


def size_of(columns: int, rows: int) -> Size:
    """The size to draw for. A client that knows none says 0."""
    if columns <= 0 or rows <= 0:
        return Size(*_USUAL)
    return Size(min(columns, LARGEST[0]), min(rows, LARGEST[1]))


def is_too_small(size: Size) -> bool:
    """Whether nothing useful fits."""
    return size.columns < SMALLEST[0] or size.rows < SMALLEST[1]


def environ_of(kind: str, sent: Mapping[bytes, bytes]) -> dict[str, str]:
    """What a program may know of the terminal: of what the client sent only what is known, short and plain."""
    said = {name: value for name, value in map(_text, sent.items()) if name in _TAKEN and _SANE.fullmatch(value)}
    if kind.startswith("screen"):
        said.pop("COLORTERM", None)  # screen 4 reads true colours as dim, bold and inverse
    return said | {"TERM": kind if _SANE.fullmatch(kind) else "dumb"}


def _text(pair: tuple[bytes, bytes]) -> tuple[str, str]:
    name, value = pair
    return name.decode("ascii", "replace"), value.decode("ascii", "replace")
