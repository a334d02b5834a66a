"""Tables of trouble codes as people have them: TSV, CSV or JSON, with or without a heading. Pure."""

import csv
import json
from collections.abc import Iterable, Iterator
from typing import Any

from mechtui.formatting import one_line
from mechtui.text import SafeText
from mechtui.vehicle.codes import CODE

MEANING_LIMIT = 200
"""Longest meaning taken, in characters."""

_CODE_NAMES = ("code", "dtc", "id")
_MEANING_NAMES = ("description", "meaning", "text", "title", "name", "description_en")


class CodeFileError(ValueError):
    """A file that holds no table of codes, or one that is not understood; says which."""


def parse(text: str) -> dict[str, str]:
    """The meanings in a file, by code. Rows that are not about a code are passed over.

    JSON is an object `{code: meaning}`, or a list of objects that name both; else the lines are separated by tabs,
    commas or semicolons. Raises `CodeFileError` when nothing in it is a code with a meaning.
    """
    pairs = _json(text) if text.lstrip()[:1] in {"{", "["} else _separated(text)
    found = {code: meaning for code, meaning in map(_cleaned, pairs) if CODE.fullmatch(code) and meaning}
    if not found:
        raise CodeFileError("no line of it is a trouble code with a meaning, like P0420 and a text")
    return found


def _cleaned(pair: tuple[str, str]) -> tuple[str, str]:
    code, meaning = pair
    return code.strip().upper(), one_line(SafeText(meaning))[:MEANING_LIMIT]


def _separated(text: str) -> Iterator[tuple[str, str]]:
    lines = [line for line in text.removeprefix("\ufeff").splitlines() if line.strip() and not line.startswith("#")]
    if not lines:
        return
    separator = next((sign for sign in "\t;," if sign in lines[0]), ",")
    try:
        rows = list(csv.reader(lines, delimiter=separator))
    except csv.Error as error:
        raise CodeFileError(f"it is not separated text: {error}") from error
    code, meaning = _columns([name.strip().lower() for name in rows[0]])
    for row in rows:
        if len(row) > max(code, meaning):
            yield row[code], row[meaning]


def _columns(heading: list[str]) -> tuple[int, int]:
    """Which columns hold code and meaning: by their names, else the first two."""
    code = next((heading.index(name) for name in _CODE_NAMES if name in heading), 0)
    meaning = next((heading.index(name) for name in _MEANING_NAMES if name in heading), 1)
    return code, meaning


def _json(text: str) -> Iterator[tuple[str, str]]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise CodeFileError(f"it is not JSON: {error}") from error
    yield from _entries(value)


def _entries(value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, list):
        yield from (pair for entry in value if isinstance(entry, dict) for pair in _named(entry))
    elif isinstance(value, dict):
        for name, inner in value.items():
            if isinstance(inner, str):
                yield name, inner
            elif isinstance(inner, dict):
                yield from _named({"code": name} | inner)
            elif isinstance(inner, list):
                yield from _entries(inner)


def _named(entry: dict[str, Any]) -> Iterator[tuple[str, str]]:
    code, meaning = _first(entry, _CODE_NAMES), _first(entry, _MEANING_NAMES)
    if isinstance(code, str) and isinstance(meaning, str):
        yield code, meaning


def _first(entry: dict[str, Any], names: Iterable[str]) -> Any:
    return next((entry[name] for name in names if name in entry), None)
