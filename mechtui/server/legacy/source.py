"""Where the old tables are read from: a folder with one file a table, or a PostgreSQL database."""

import csv
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

from mechtui.config import is_postgres

Cells = dict[str, Any]
"""One row as it was exported: the names of its columns, and what stands in them."""
KINDS = (".csv", ".json", ".jsonl")


class SourceError(Exception):
    """The old data cannot be read; the message says what to do."""


class Source(Protocol):
    """The old tables. Whatever is read of them is text from outside."""

    def tables(self) -> Sequence[str]:
        """The names of the tables there are."""
        ...

    def rows(self, table: str) -> Iterable[Cells]:
        """Each row of a table. Raises `SourceError`."""
        ...

    def content(self, path: str) -> bytes | None:
        """What stands in the file that the old data knows by this path; nothing when it is not there."""
        ...

    def close(self) -> None:
        """Let it go."""
        ...


def source_of(address: str) -> Source:
    """The source this names: `postgresql://…`, or a folder. Raises `SourceError`."""
    if is_postgres(address):
        from mechtui.server.legacy.source_postgres import PostgresSource

        return PostgresSource(address)
    return FolderSource(Path(address))


class FolderSource:
    """A folder of exports: `sessions.csv`, `session_requests.json`, …; under `files/` what customers uploaded."""

    def __init__(self, folder: Path) -> None:
        if not folder.is_dir():
            raise SourceError(f"{folder} is no folder; name one with a file for each table, or a postgresql:// address")
        self._folder = folder
        self._files: dict[str, Path] = {}
        for file in sorted(folder.iterdir()):
            if file.suffix.lower() in KINDS and file.is_file():
                if file.stem in self._files:
                    raise SourceError(f"{folder} has two files for {file.stem}; leave one of them")
                self._files[file.stem] = file
        if not self._files:
            raise SourceError(f"{folder} has no exports in it; a table is a .csv, .json or .jsonl file of its name")

    def tables(self) -> Sequence[str]:
        """The names of the files."""
        return tuple(self._files)

    def rows(self, table: str) -> Iterator[Cells]:
        """Each row of a file: a line of CSV under a line of names, or an object of JSON."""
        file = self._files[table]
        try:
            with file.open(encoding="utf-8-sig", newline="") as lines:
                yield from _csv(lines) if file.suffix.lower() == ".csv" else _json(lines.read())
        except (OSError, ValueError, csv.Error, RecursionError) as error:
            raise SourceError(
                f"{file} cannot be read as {file.suffix[1:].upper()} ({error}); export it anew"
            ) from error

    def content(self, path: str) -> bytes | None:
        """The file of this path under `files/`, and none outside it."""
        root = (self._folder / "files").resolve()
        try:
            file = (root / path.lstrip("/")).resolve()
            return file.read_bytes() if file.is_relative_to(root) and file.is_file() else None
        except (OSError, ValueError):
            return None

    def close(self) -> None:
        """There is nothing to let go: each file is closed when it has been read."""


def _csv(lines: Iterable[str]) -> Iterator[Cells]:
    csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
    reader = csv.DictReader(lines, restkey="", strict=True)
    for row in reader:
        if "" in row or None in row.values():
            raise ValueError(f"line {reader.line_num} has not as many columns as there are names")
        yield dict(row)


def _json(text: str) -> Iterator[Cells]:
    try:
        told = json.loads(text)
    except ValueError:
        told = [json.loads(line) for line in text.splitlines() if line.strip()]
    for row in [told] if isinstance(told, dict) else told:
        if not isinstance(row, dict):
            raise ValueError("a row is no object")
        yield row
