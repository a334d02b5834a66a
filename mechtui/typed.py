"""What a terminal sends, taken apart before any of it can be a key. Pure.

A terminal sends keys, pastes and answers on one line, and the library under the screen reads what it does not know as
single keys: the late answer to a question that some other program asked accepts a request or gives one back. So the
line is cut here into whole pieces, as terminals build them (ECMA-48, xterm): what is in a paste is text whatever it
looks like, answers are dropped, and a sequence is one piece however many reads it comes in.
"""

import re
from collections.abc import Generator, Iterator
from dataclasses import dataclass

from mechtui.text import BLOCK_LIMIT

PASTE_LIMIT = BLOCK_LIMIT
"""In characters. No text that is written here may be longer, so what is longer would only be cut."""
ANSWER_SECONDS = 2.0
"""A sequence that has begun and does not go on for so long never will; over a bad line it may come in two halves."""

_PASTE = "\x1b[200~"
_PASTE_END = "\x1b[201~"
_PIECE = re.compile(
    r"(?P<keys>[^\x1b]+)"
    r"|(?P<sequence>\x1b\[M[^\x1b]{3}|\x1b\[\[[A-E]|\x1b\[(?!\[|M)[0-?]*[ -/]*[@-~]|\x1bO[0-9;]*[@-~])"
    r"|(?P<answer>\x1b[\]P_^X](?=[^\x1b]))"
    r"|(?P<alt>\x1b[^\x1b\[O\]P_^X])"
    r"|(?P<begun>\x1b(?:\[(?:M[^\x1b]{0,2}|\[|[0-?]{0,2000}[ -/]?)|O[0-9;]{0,9}|[\]P_^X])?\Z)"
    r"|(?P<broken>\x1b(?:\[[\[M]?[0-?]*[ -/]*|O[0-9;]*|[\]P_^X])?)",
    re.DOTALL,
)
"""X10's mouse and the function keys of a Linux console are no sequences by the book, and come first."""
_ANSWER_END = re.compile(r"\x1b(?!\Z)\\?|[\x00-\x1a\x1c-\x1f\x7f\x9c]")
"""An answer is ended by ST or BEL. No other control stands in one: whoever pressed that key is heard."""
_NO_KEYS = re.compile("[\x80-\x9f\N{REPLACEMENT CHARACTER}]+")
"""What no key sends: the second set of controls, and bytes that are no UTF-8."""
_MAY_BE_KEYS = 2
"""So long is the beginning of a sequence that may as well be Escape, or Alt with another key."""


@dataclass(frozen=True)
class Keys:
    """Characters, a key each."""

    text: str


@dataclass(frozen=True)
class Sequence:
    """A whole control sequence: a key, the mouse, or an answer that looks like one."""

    said: str


@dataclass(frozen=True)
class Alt:
    """Alt with the key of a character; Escape where there is none."""

    character: str = ""


@dataclass(frozen=True)
class Pasted:
    """What was pasted, and how long it was: nothing of a paste above `PASTE_LIMIT` is kept."""

    text: str
    length: int


Piece = Keys | Sequence | Alt | Pasted


class Typed:
    """Cuts what comes into pieces. `escape_seconds` tells a lone Escape from the start of a sequence."""

    def __init__(self, escape_seconds: float) -> None:
        self._escape_seconds = escape_seconds
        self._held = ""
        self._answer = False
        self._paste: _Paste | None = None

    @property
    def patience(self) -> float | None:
        """After how many seconds without anything more `expire` is to be called; never, where nothing has begun."""
        if self._paste is not None or not (self._answer or self._held):
            return None
        return ANSWER_SECONDS if self._answer or len(self._held) > _MAY_BE_KEYS else self._escape_seconds

    def feed(self, text: str) -> Iterator[Piece]:
        """More has come; the pieces that are whole now."""
        rest = self._held + text
        self._held = ""
        while rest:
            if self._paste is not None:
                rest = yield from self._within(self._paste, rest)
            elif self._answer:
                rest = self._after_answer(rest)
            else:
                rest = yield from self._next(rest)

    def expire(self) -> Iterator[Piece]:
        """Nothing more has come: what was begun is a key where it can be one, and else nothing."""
        held, self._held = self._held, ""
        if 0 < len(held) <= _MAY_BE_KEYS and not self._answer:
            yield Alt(held[1:])
        self._answer = False

    def _next(self, rest: str) -> Generator[Piece, None, str]:
        found = _PIECE.match(rest)
        assert found is not None, "one of the pieces begins with any character there is"
        piece = found.group()
        match found.lastgroup:
            case "keys":
                if text := _NO_KEYS.sub("", piece):
                    yield Keys(text)
            case "sequence" if piece == _PASTE:
                self._paste = _Paste()
            case "sequence":
                yield Sequence(piece)
            case "alt":
                yield Alt(piece[1:])
            case "answer":
                self._answer = True
            case "begun":
                self._held = piece
            case "broken" if piece == "\x1b":
                yield Alt()
        return rest[len(piece) :]

    def _within(self, paste: "_Paste", rest: str) -> Generator[Piece, None, str]:
        end = rest.find(_PASTE_END)
        if end < 0:
            whole = len(rest) - _begun_at_end(rest, _PASTE_END)
            paste.take(rest[:whole])
            self._held = rest[whole:]
            return ""
        paste.take(rest[:end])
        self._paste = None
        yield Pasted(paste.text, paste.length)
        return rest[end + len(_PASTE_END) :]

    def _after_answer(self, rest: str) -> str:
        found = _ANSWER_END.search(rest)
        if found is None:
            self._held = "\x1b" if rest.endswith("\x1b") else ""
            return ""
        self._answer = False
        ended = found.group() in {"\x1b\\", "\x07", "\x9c"}
        return rest[found.end() if ended else found.start() :]


class _Paste:
    """A paste as it comes. One that grows too long is only counted."""

    def __init__(self) -> None:
        self.length = 0
        self._parts: list[str] = []

    @property
    def text(self) -> str:
        return "".join(self._parts)

    def take(self, part: str) -> None:
        self.length += len(part)
        if self.length > PASTE_LIMIT:
            self._parts.clear()
        else:
            self._parts.append(part)


def _begun_at_end(text: str, mark: str) -> int:
    """How many characters at the end of a text may be the beginning of a mark."""
    return next((n for n in range(min(len(mark) - 1, len(text)), 0, -1) if text.endswith(mark[:n])), 0)
