"""A History of many sessions, read by pages as the backend gives them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Unpack

from mechtui.api_client import Filters
from mechtui.models import HistoryRow, Page
from tests.dashboard.support import COMPLETED, NOW, FakeClient, history


def long_history(count: int) -> list[HistoryRow]:
    """So many completed sessions, one an hour, the latest first."""
    row = history(COMPLETED[0], "completed")
    changes = (
        {"id": f"h-{n:05}", "created_at": NOW - timedelta(hours=n), "concern": f"noise {n}"} for n in range(count)
    )
    return [row.model_copy(update=change) for change in changes]


def page_of(rows: Sequence[HistoryRow], filters: Filters) -> Page[HistoryRow]:
    """A page of `rows`; a cursor is the place of the row it was made of."""
    limit, cursor, skipped = filters.get("limit", 50), filters.get("cursor"), 0
    if filters.get("back"):
        end = int(cursor) if cursor else len(rows)
        start = max(0, end - limit)
    else:
        if "at" in filters:
            skipped = sum(row.created_at >= filters["at"] for row in rows)
        start = int(cursor) + 1 if cursor else skipped
        end = min(len(rows), start + limit)
    return Page(
        items=tuple(rows[start:end]),
        next_cursor=str(end - 1) if start < end < len(rows) else None,
        prev_cursor=str(start) if 0 < start < end else None,
        skipped=skipped,
        total=len(rows),
        seq=100,
        server_now=NOW,
    )


@dataclass
class LongClient(FakeClient):
    """A backend whose History is long."""

    async def history(self, **filters: Unpack[Filters]) -> Page[HistoryRow]:
        self.filters.append(filters)
        return page_of(self.history_rows, filters)
