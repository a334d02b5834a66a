"""Which columns a tab has, and how wide they are in the room there is. Pure."""

from dataclasses import dataclass, replace

from mechtui.formatting import Align, Line, Piece, fit
from mechtui.rows import Tab

MARK_WIDTH = 2


@dataclass(frozen=True)
class Column:
    """A column `width` cells wide, growing up to `widest`, with `gap` cells after it.

    Of those that do not fit the highest `drop` goes first; with `keep` a column goes, too, where the others would
    have to share less than so many cells to grow by.
    """

    key: str
    title: str
    width: int
    align: Align = "left"
    widest: int = 0
    gap: int = 1
    drop: int = 0
    keep: int = 0


COLUMNS: dict[Tab, tuple[Column, ...]] = {
    Tab.INCOMING: (
        Column("urgent", "", 3),
        Column("type", "TYPE", 5),
        Column("waited", "WAIT", 5, "right"),
        Column("left", "LEFT", 5, "right", gap=2),
        Column("vehicle", "VEHICLE", 14, widest=26),
        Column("vin", "VIN", 5, drop=2, keep=30),
        Column("concern", "CONCERN", 15, widest=200),
        Column("plan", "PLAN", 10, "right", drop=1, keep=8),
    ),
    Tab.ACTIVE: (
        Column("status", "STATUS", 24),
        Column("type", "TYPE", 5, drop=1, keep=6),
        Column("since", "SINCE", 5, drop=2, keep=8),
        Column("customer", "CUSTOMER", 7, widest=20),
        Column("vehicle", "VEHICLE", 7, widest=26),
        Column("concern", "CONCERN", 15, widest=200, drop=3, keep=20),
    ),
    Tab.COMPLETED: (
        Column("ended", "ENDED", 11),
        Column("type", "TYPE", 5),
        Column("length", "LENGTH", 7, "right", gap=2),
        Column("rating", "RATED", 5),
        Column("customer", "CUSTOMER", 9, widest=20),
        Column("vehicle", "VEHICLE", 14, widest=26),
        Column("summary", "NOTES", 5, drop=1),
        Column("concern", "CONCERN", 15, widest=200, drop=2, keep=6),
    ),
    Tab.HISTORY: (
        Column("requested", "REQUESTED", 12),
        Column("type", "TYPE", 5),
        Column("outcome", "OUTCOME", 9),
        Column("waited", "WAIT", 5, "right", gap=2),
        Column("customer", "CUSTOMER", 9, widest=20),
        Column("vehicle", "VEHICLE", 11, widest=26),
        Column("by", "BY", 7, drop=1, keep=8),
        Column("concern", "CONCERN", 15, widest=200, drop=2, keep=8),
    ),
}


def layout(tab: Tab, width: int) -> tuple[Column, ...]:
    """The columns of a tab that fit in `width` cells, as wide as they may be."""
    columns = list(COLUMNS[tab])
    while (weakest := max(columns, key=lambda column: column.drop)).drop and _spare(columns, width) < weakest.keep:
        columns.remove(weakest)
    return _grown(columns, _spare(columns, width))


def _spare(columns: list[Column], width: int) -> int:
    return width - MARK_WIDTH - sum(column.width + column.gap for column in columns)


def _grown(columns: list[Column], spare: int) -> tuple[Column, ...]:
    """Give the spare cells to the columns that can use them, cell by cell in turn."""
    widths = [column.width for column in columns]
    while spare > 0:
        growing = [n for n, column in enumerate(columns) if widths[n] < column.widest][:spare]
        if not growing:
            break
        spare -= len(growing)
        for n in growing:
            widths[n] += 1
    return tuple(replace(column, width=grown) for column, grown in zip(columns, widths, strict=True))


def titles(columns: tuple[Column, ...]) -> Line:
    """The line above the rows."""
    text = "".join(fit(column.title, column.width, column.align) + " " * column.gap for column in columns)
    return (Piece(" " * MARK_WIDTH + text, "dim"),)
