"""A list as a file for other programs: CSV or JSON, read page by page, so that any length of it takes little memory.

CSV is UTF-8 with a byte order mark, without which spreadsheets take it for something else; a cell they would run as a
formula begins with an apostrophe. JSON is an array of the backend's own rows, one a line, every text escaped.
"""

import csv
import io
import json
import unicodedata
from collections.abc import Awaitable, Callable, Iterable
from enum import StrEnum
from typing import BinaryIO

from mechtui.api_client import Filters
from mechtui.filters import filters_of
from mechtui.models import HistoryRow, Page, Session
from mechtui.search.syntax import Query
from mechtui.text import safe_model

PAGE_ROWS = 100
"""The most rows the backend gives at once."""
_FORMULA = ("=", "+", "-", "@")
"""A cell that begins with one of these, or a wide or small form of it, spreadsheets run, blanks before it or not."""
_BYTE_ORDER_MARK = "\ufeff"

Ask = Callable[[Filters], Awaitable[Page[Session] | Page[HistoryRow]]]
Tell = Callable[[int, int], None]


class ExportForm(StrEnum):
    """What a list can be exported as; also the ending of its file's name."""

    CSV = "csv"
    JSON = "json"


async def export(ask: Ask, query: Query, form: ExportForm, out: BinaryIO, tell: Tell) -> int:
    """Write all rows of a list that meet `query` to `out`; how many there were.

    `tell` is called after each page with the rows written and those there are. Raises what `ask` and `out` raise.
    """
    filters, written = filters_of(query), 0
    filters["limit"] = PAGE_ROWS
    out.write(begin(form))
    while True:
        page = await ask(filters)
        out.write(lines(form, page.items, first=written == 0))
        written += len(page.items)
        tell(written, max(written, page.total))
        if page.next_cursor is None:
            out.write(end(form))
            return written
        filters["cursor"] = page.next_cursor


def begin(form: ExportForm) -> bytes:
    """What comes before the rows."""
    return b"[" if form is ExportForm.JSON else (_BYTE_ORDER_MARK + _csv([_COLUMNS])).encode()


def lines(form: ExportForm, rows: Iterable[Session], *, first: bool) -> bytes:
    """Some of the rows; `first` when none came before them."""
    if form is ExportForm.CSV:
        return _csv([_cells(safe_model(row)) for row in rows]).encode()
    texts = [json.dumps(row.model_dump(mode="json"), separators=(",", ":")) for row in rows]
    return (("\n" if first or not texts else ",\n") + ",\n".join(texts)).encode() if texts else b""


def end(form: ExportForm) -> bytes:
    """What comes after the rows."""
    return b"\n]\n" if form is ExportForm.JSON else b""


def _csv(rows: Iterable[Iterable[str]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows([[_harmless(cell) for cell in row] for row in rows])
    return text.getvalue()


def _harmless(cell: str) -> str:
    return f"'{cell}" if unicodedata.normalize("NFKC", cell.lstrip()[:1]).startswith(_FORMULA) else cell


_COLUMNS = (
    "id", "type", "status", "urgent", "customer", "vehicle", "vin", "plate", "odometer", "concern", "files", "mechanic",
    "plan", "price", "requested", "accepted", "started", "ended", "seconds", "ended_by", "why", "rating", "summary",
    "data_removed",
)  # fmt: skip


def _cells(row: Session) -> tuple[str, ...]:
    car, plan = row.vehicle, row.plan
    ran = (row.ended_at - row.started_at).total_seconds() if row.ended_at and row.started_at else None
    times = (row.created_at, row.accepted_at, row.started_at, row.ended_at)
    return (
        row.id, row.type, row.outcome if isinstance(row, HistoryRow) else row.status, "yes" if row.urgent else "no",
        row.customer_name, car.label, car.vin or "", car.plate or "", car.odometer or "", row.concern,
        f"{row.files_count}", row.mechanic.name if row.mechanic else "", plan.name if plan else "",
        f"{plan.price_cents / 100:.2f}" if plan else "", *(at.isoformat() if at else "" for at in times),
        "" if ran is None else f"{ran:.0f}", row.ended_by or "", row.end_reason or "",
        "" if row.rating is None else f"{row.rating}", "yes" if row.has_summary else "no",
        row.forgotten_at.isoformat() if row.forgotten_at else "",
    )  # fmt: skip
