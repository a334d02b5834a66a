"""What commands print: JSON for programs, safe text in aligned columns for people."""

import json
import shutil
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from rich.cells import cell_len

from mechtui.formatting import Align, cut, fit
from mechtui.text import SafeText

GAP = "  "


def print_json(value: Any) -> None:
    """One value as one line of ASCII JSON, on its way at once. Text is exactly what the backend sent, escaped."""
    print(json.dumps(value, separators=(",", ":")), flush=True)


def progress(done: int, of: int) -> None:
    """How far something long is, on standard error where that is a terminal."""
    if sys.stderr.isatty():
        print(f"\r{done:,} of {of:,}", end="\n" if done == of else "", file=sys.stderr, flush=True)


@dataclass(frozen=True)
class Column:
    """A column of a table; the last one of a table is cut where the terminal ends."""

    title: str
    align: Align = "left"


def print_table(columns: Sequence[Column], rows: Iterable[Sequence[SafeText]]) -> None:
    """Rows in columns as wide as their widest cell. Without a terminal nothing is cut."""
    cells = [[SafeText(column.title) for column in columns], *rows]
    widths = [max(cell_len(row[n]) for row in cells) for n in range(len(columns))]
    room = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    for row in cells:
        padded = [fit(text, width, column.align) for text, width, column in zip(row, widths, columns, strict=True)]
        line = GAP.join(padded).rstrip()
        print(cut(line, room) if room else line)


def print_block(pairs: Iterable[tuple[str, SafeText]]) -> None:
    """Names and values, one below the other; further lines of a value stand under its first."""
    named = [(name, value) for name, value in pairs if value]
    width = max((len(name) for name, _ in named), default=0)
    for name, value in named:
        first, *more = value.split("\n")
        print(f"{name:<{width}}{GAP}{first}".rstrip())
        for line in more:
            print(f"{'':<{width}}{GAP}{line}".rstrip())
