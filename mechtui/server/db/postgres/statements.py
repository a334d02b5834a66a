"""Our statements and texts as PostgreSQL takes them. Pure."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from mechtui.server.db.connection import Params, Row

_BOUND = re.compile(r"'(?:[^']|'')*'|(?<!:):([a-z_]\w*)|\?")
_MARK = "\ufdd0"
"""Stands for itself when doubled, and for U+0000, which PostgreSQL cannot store, when a 0 follows."""
_MARKED = re.compile(f"{_MARK}(.)", re.DOTALL)


@lru_cache(maxsize=2048)
def translated(sql: str) -> tuple[str, tuple[str, ...]]:
    """A statement with `$1`, `$2` … for what is bound, and the names in that order; of `?` there are none."""
    names: dict[str, int] = {}
    places = 0

    def numbered(found: re.Match[str]) -> str:
        nonlocal places
        if found[0] == "?":
            places += 1
            return f"${places}"
        return found[0] if found[1] is None else f"${names.setdefault(found[1], len(names) + 1)}"

    return _BOUND.sub(numbered, sql), tuple(names)


def bound(names: tuple[str, ...], params: Params) -> Row:
    """What is bound, in the order of a translated statement."""
    return sent([params[name] for name in names] if isinstance(params, Mapping) else params)


def sent(values: Sequence[Any]) -> Row:
    """Values, and lists of texts, as they are sent."""
    return tuple(map(_sent, values))


def received(row: Row) -> Row:
    """A row as it was before it was sent."""
    if _MARK not in "".join([value for value in row if value.__class__ is str]):
        return tuple(row)
    return tuple(_MARKED.sub(_original, v) if isinstance(v, str) else v for v in row)


def _sent(value: Any) -> Any:
    if isinstance(value, str):
        return _marked(value) if "\0" in value or _MARK in value else value
    if isinstance(value, list):
        text = "".join(value)
        return [_marked(each) for each in value] if "\0" in text or _MARK in text else value
    return value


def _marked(text: str) -> str:
    return text.replace(_MARK, _MARK * 2).replace("\0", _MARK + "0")


def _original(found: re.Match[str]) -> str:
    return "\0" if found[1] == "0" else found[1]
