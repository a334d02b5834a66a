"""Our statements and texts as PostgreSQL takes them. Pure."""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from mechtui.server.db.connection import Columns, Params, Row

_BOUND = re.compile(r"'(?:[^']|'')*'|(?<!:):([a-z_]\w*)|\?")
_TYPES = {bytes: "bytea", str: "text", int: "bigint"}
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


def bound(names: tuple[str, ...], params: Params) -> list[Any]:
    """What is bound, in the order of a translated statement."""
    values = [params[name] for name in names] if isinstance(params, Mapping) else params
    return [_sent(value) for value in values]


def insertion(columns: Columns) -> str:
    """A statement that inserts the rows of which `by_column` makes what is bound."""
    arrays = (f"${n}::{_TYPES[kind]}[]" for n, kind in enumerate(columns.types.values(), 1))
    return f"INSERT INTO {columns.table} ({columns.names}) SELECT * FROM unnest({', '.join(arrays)})"


def by_column(rows: Iterable[Row]) -> list[list[Any]]:
    """Rows as one list of values for each column."""
    return [[_sent(value) for value in column] for column in zip(*rows, strict=True)]


def received(row: Row) -> Row:
    """A row as it was before it was sent."""
    return tuple(_MARKED.sub(_original, v) if isinstance(v, str) and _MARK in v else v for v in row)


def _sent(value: Any) -> Any:
    if isinstance(value, list):
        return [_sent(each) for each in value]
    if isinstance(value, str) and ("\0" in value or _MARK in value):
        return value.replace(_MARK, _MARK * 2).replace("\0", _MARK + "0")
    return value


def _original(found: re.Match[str]) -> str:
    return "\0" if found[1] == "0" else found[1]
