"""What a terminal is told to do by the bytes written to it, and which of it no honest program would say.

The stream is taken apart as terminals do (ECMA-48, xterm): text, single controls, and sequences. Nothing is allowed
that is not on the list.
"""

import base64
import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from tests.hostile.corpus import PAYLOADS

_TOKENS = re.compile(
    r"(?P<osc>\x1b\][^\x07\x1b]*(?:\x07|\x1b\\))"
    r"|(?P<string>\x1b[P_^X][^\x1b]*(?:\x1b\\)?)"
    r"|(?P<csi>\x1b\[[0-?]*[ -/]*[@-~])"
    r"|(?P<esc>\x1b[ -/]*[0-~]?)"
    r"|(?P<row>\r\n(?=\x1b\[[0-9]+;[0-9]+H|\Z))"
    r"|(?P<c0>\r\n|[\x00-\x1f\x7f])"
    r"|(?P<text>[^\x00-\x1f\x7f]+)",
    re.DOTALL,
)
_REFUSED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_MARKS = 3
_MARKER = re.compile("zq[0-9]{3,}x")
_POINTERS = frozenset({"default", "pointer", "text"})
"""Shapes of the mouse pointer, which the dashboard's library asks for."""
_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")

DASHBOARD_CSI = re.compile(
    r"\x1b\[(?:"
    r"[0-9;]*m"  # colours and attributes
    r"|[0-9]+;[0-9]+H"  # where to write
    r"|\?(?:1049|25|1004|2004|2026|2048|1000|1002|1003|1006|1015|7)[hl]"  # screen, cursor, focus, paste, mouse, wrap
    r"|\?(?:2026|2048)\$p"  # whether it can paint at once and tell its size
    r"|[<>][0-9]*u"  # the keyboard of kitty
    r"|2[23];2t"  # the title the window had: kept, and put back
    r")"
)
"""What the dashboard's library sets at the start, sends while painting and takes back at the end."""


class Token(NamedTuple):
    """A piece of a stream: `text`, `c0`, the kind of sequence, or the `row` that ends before the cursor is placed.

    The stream of one place may be cut off just there.
    """

    kind: str
    said: str


@dataclass(frozen=True)
class Allowed:
    """What a program may say besides text. `links`, `clipboard` and `title` are what OSC 8, 52 and 2 may carry."""

    c0: frozenset[str]
    csi: re.Pattern[str] = re.compile("(?!)")
    links: re.Pattern[str] = re.compile("(?!)")
    clipboard: frozenset[str] = frozenset()
    title: re.Pattern[str] = re.compile("(?!)")


def tokens(stream: str) -> list[Token]:
    """The stream in pieces."""
    return [Token(str(found.lastgroup), found.group()) for found in _TOKENS.finditer(stream)]


def whole(stream: bytes, cuts: Sequence[int]) -> list[int]:
    """Where to cut a stream instead, so that no piece and no character is cut in two: at the piece's end."""
    ends = [0, *(found.end() for found in _TOKENS.finditer(stream.decode("latin-1")))]
    return [ends[bisect_left(ends, cut)] for cut in cuts]


def text_of(stream: bytes) -> str:
    """The text of a stream alone, as it was written; a character may have come in part only."""
    return "".join(token.said for token in tokens(stream.decode(errors="ignore")) if token.kind == "text")


def markers_shown(stream: bytes) -> set[str]:
    """The markers that reached the terminal as text."""
    return set(_MARKER.findall(text_of(stream)))


def findings(stream: bytes, allowed: Allowed) -> list[str]:
    """All that should not have been written. Raises `UnicodeDecodeError` for bytes that are not UTF-8."""
    said = stream.decode()
    return [*_bad_tokens(tokens(said), allowed), *_let_through(said)]


def _bad_tokens(pieces: Iterable[Token], allowed: Allowed) -> Iterator[str]:
    for kind, said in pieces:
        if kind == "text":
            yield from _bad_text(said)
            continue
        if _MARKER.search(said):
            yield f"a marker inside a sequence: {said!r}"
        if not _is_allowed(kind, said, allowed):
            yield f"{kind}: {said!r}"


def _bad_text(text: str) -> Iterator[str]:
    marks = 0
    for character in text:
        category = unicodedata.category(character)
        marks = marks + 1 if category in {"Mn", "Me"} else 0
        if category in _REFUSED or marks > _MARKS or _SELECTORS.match(character):
            yield f"in text: U+{ord(character):04X}, after {marks} marks"


def _is_allowed(kind: str, said: str, allowed: Allowed) -> bool:
    match kind:
        case "c0":
            return said in allowed.c0
        case "row":
            return True
        case "csi":
            return allowed.csi.fullmatch(said) is not None
        case "osc":
            return _is_allowed_osc(said[2:].removesuffix("\x07").removesuffix("\x1b\\"), allowed)
        case _:
            return False


def _is_allowed_osc(said: str, allowed: Allowed) -> bool:
    number, _, rest = said.partition(";")
    if number == "8":
        url = rest.partition(";")[2]
        return not url or allowed.links.fullmatch(url) is not None
    if number == "52":
        return rest.partition(";")[2] in {base64.b64encode(text.encode()).decode() for text in allowed.clipboard}
    if number == "2":
        return allowed.title.fullmatch(rest) is not None
    return number == "22" and rest in _POINTERS


def _let_through(stream: str) -> Iterator[str]:
    """Payloads found as they were sent. Half a sequence says nothing: an honest one may follow its marker."""
    whole = (payload for payload in PAYLOADS if payload.acts and not payload.core.endswith("\x1b["))
    return (f"as it was sent: {payload.name}" for payload in whole if payload.core in stream)
