"""Lists as files: all rows, in order, and nothing in them that acts."""

import csv
import io
import json
from datetime import UTC
from pathlib import Path

import pytest

from mechtui.api_client import Filters
from mechtui.api_errors import Unreachable
from mechtui.export import ExportForm, export
from mechtui.models import Page, Session
from mechtui.search.days import Today
from mechtui.search.syntax import parse
from tests.dashboard.support import COMPLETED, NOW, OPEN, SERVER, Shop

ROWS = tuple(COMPLETED[0].model_copy(update={"id": f"s-{n:03}"}) for n in range(250))
EVIL = COMPLETED[0].model_copy(
    update={"customer_name": '=HYPERLINK("http://x")', "concern": '+1\n@SUM(A1), "quoted" \x1b[31m; 陳'}
)


class Backend:
    """Gives rows page by page, and keeps what it was asked."""

    def __init__(self, rows: tuple[Session, ...]) -> None:
        self.rows = rows
        self.asked: list[Filters] = []

    async def ask(self, filters: Filters) -> Page[Session]:
        self.asked.append(filters.copy())
        start, limit = int(filters.get("cursor", "0")), filters["limit"]
        after = str(start + limit) if start + limit < len(self.rows) else None
        items = self.rows[start : start + limit]
        return Page(items=items, next_cursor=after, total=len(self.rows), seq=1, server_now=NOW)


async def exported(rows: tuple[Session, ...], form: ExportForm, query: str = "") -> tuple[bytes, Backend]:
    backend, out = Backend(rows), io.BytesIO()
    await export(backend.ask, parse(query, Today(NOW, UTC)), form, out, lambda written, total: None)
    return out.getvalue(), backend


def table(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("count", [0, 1, 100, 101, 250])
async def test_every_row_is_there_once_and_in_order(count: int) -> None:
    ids = [row.id for row in ROWS[:count]]
    as_csv, backend = await exported(ROWS[:count], ExportForm.CSV, "yesterday civic")
    assert [row["id"] for row in table(as_csv)] == ids
    assert len(backend.asked) == max(1, -(-count // 100))
    assert "civic" in backend.asked[0]["q"]
    as_json, _ = await exported(ROWS[:count], ExportForm.JSON)
    assert [row["id"] for row in json.loads(as_json)] == ids


async def test_json_is_the_rows_as_they_came() -> None:
    content, _ = await exported((EVIL,), ExportForm.JSON)
    assert content.isascii()
    assert [Session.model_validate(row) for row in json.loads(content)] == [EVIL]


async def test_no_cell_is_a_formula_and_no_control_gets_through() -> None:
    content, _ = await exported((EVIL,), ExportForm.CSV)
    (row,) = table(content)
    assert content.startswith(b"\xef\xbb\xbf")
    assert row["customer"] == '\'=HYPERLINK("http://x")'
    assert row["concern"] == '\'+1\n@SUM(A1), "quoted" ␛[31m; 陳'
    assert (row["price"], row["seconds"], row["rating"]) == ("29.99", "860", "5")
    assert b"\x1b" not in content


def names_in(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


async def test_a_list_is_exported_from_the_dashboard_and_a_failure_leaves_nothing(tmp_path: Path) -> None:
    shop = Shop(*OPEN, downloads=tmp_path)
    async with shop.app.run_test(notifications=True) as pilot:
        await shop.ready(pilot)
        await pilot.press("E", "1")
        await shop.until(pilot, lambda: any("Exported: 4 sessions" in toast for toast in shop.toasts))
        shop.client.answers["completed"] = Unreachable(SERVER, "cut")
        await pilot.press("3", "E", "2")
        await shop.until(pilot, lambda: any("Not exported" in toast for toast in shop.toasts))
        del shop.client.answers["completed"]
        await pilot.press("E", "enter")
        await shop.until(pilot, lambda: any("Exported: 3 sessions" in toast for toast in shop.toasts))
    assert names_in(tmp_path) == ["completed 2026-01-22.csv", "incoming 2026-01-22.csv"]
