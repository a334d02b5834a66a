"""Filters with names: those there are by default, and one's own in the table `filters` of `config.toml`."""

import json
import os
import re
import secrets
import tomllib
from pathlib import Path

from mechtui import config_file
from mechtui.config_file import FILTERS, ConfigError

SHIPPED = {
    "Urgent": "is:urgent",
    "Waits over 5 minutes": "is:open wait:>5m",
    "With trouble codes": "code:P0 or code:P1 or code:P2 or code:U0 or code:B0 or code:C0",
    "Today": "today",
    "Last week": "last week",
    "Low ratings": "rating:<=2",
    "Without summary": "status:completed -has:summary",
    "Given back or passed": "status:released,passed",
}
"""The filters there are by default."""

_HEADER = re.compile(r"^[ \t]*\[[ \t]*filters[ \t]*\][ \t]*(?:#.*)?$", re.MULTILINE)
_NEXT_TABLE = re.compile(r"^[ \t]*\[", re.MULTILINE)


class FilterBook:
    """The saved filters. Without a file, what is saved is kept for this run."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._own: dict[str, str] = {}

    def all(self) -> dict[str, str]:
        """Every filter by its name, one's own last; an empty query of one's own takes one away.

        Raises `ConfigError` when the file cannot be read.
        """
        filters = {**SHIPPED, **self._read()}
        return {name: query for name, query in filters.items() if query.strip()}

    def save(self, name: str, query: str) -> None:
        """Keep a filter under a name, in place of another of that name. Raises `ConfigError`."""
        if self._path is None:
            self._own[name] = query
        else:
            put(self._path, name, query)

    def forget(self, name: str) -> None:
        """Offer a filter no longer; one there is by default is taken away by an empty query. Raises `ConfigError`."""
        if name in SHIPPED:
            self.save(name, "")
        elif self._path is None:
            del self._own[name]
        else:
            remove(self._path, name)

    def _read(self) -> dict[str, str]:
        if self._path is None or not self._path.exists():
            return self._own
        return config_file.read(self._path)[FILTERS]


def put(path: Path, name: str, query: str) -> None:
    """Write one filter into the file, which otherwise stays as it is, comments and all. Raises `ConfigError`."""
    line = f"{_quoted(name)} = {_quoted(query)}"
    _rewrite(path, name, query, f"{line}\n", f"write it yourself, under [filters] in {path}: {line}")


def remove(path: Path, name: str) -> None:
    """Take one filter out of the file, which otherwise stays as it is. Raises `ConfigError`."""
    _rewrite(path, name, None, "", f"take {_quoted(name)} out yourself, under [filters] in {path}")


def _rewrite(path: Path, name: str, query: str | None, line: str, by_hand: str) -> None:
    """Put a line in place of a filter's own, if the file then says just that; else `by_hand` tells what to do.

    The new file takes the old one's place in one step, with the same rights.
    """
    try:
        old = path.read_text(encoding="utf-8") if path.exists() else ""
        new = _with_line(old, name, line)
        if not _says(old, new, name, query):
            raise ConfigError(by_hand)
        _replace(path.resolve(), new)
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not TOML: {error}") from error


def _with_line(text: str, name: str, line: str) -> str:
    """The text with a line in its table of filters, in place of the one of this name."""
    header = _HEADER.search(text)
    if header is None:
        gap = "" if not text else "\n" if text.endswith("\n") else "\n\n"
        return f"{text}{gap}[filters]\n{line}"
    start = header.end()
    following = _NEXT_TABLE.search(text, start)
    end = following.start() if following else len(text)
    kept = [each for each in text[start:end].splitlines(keepends=True) if not _is_of(each, name)]
    body = "".join(kept).rstrip("\n")
    rest = f"\n{text[end:]}" if following else ""
    return f"{text[:start]}{body}\n{line}{rest}"


def _is_of(line: str, name: str) -> bool:
    try:
        return name in tomllib.loads(line)
    except tomllib.TOMLDecodeError:
        return False


def _says(old: str, new: str, name: str, query: str | None) -> bool:
    """Whether the new text says all that the old one did, and this filter, or no longer this filter."""
    expected = tomllib.loads(old)
    filters = expected.get(FILTERS, {})
    if not isinstance(filters, dict):
        return False
    rest = {each: other for each, other in filters.items() if each != name}
    try:
        return tomllib.loads(new) == {**expected, FILTERS: rest if query is None else {**rest, name: query}}
    except tomllib.TOMLDecodeError:
        return False


def _quoted(text: str) -> str:
    """A text as TOML takes it."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _replace(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    mode = path.stat().st_mode & 0o777 if path.exists() else 0o600
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w", encoding="utf-8") as file:  # noqa: PTH123
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
