"""50,000 rows in the list widget itself, beside Textual's own DataTable holding the same."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from random import Random
from statistics import median

from textual.app import App, ComposeResult
from textual.widget import Widget
from textual.widgets import DataTable

import mechtui.app
from benchmarks.table import Row
from mechtui.app import ThemedApp
from mechtui.models import HistoryRow, Vehicle
from mechtui.rows import Tab
from mechtui.server.demo.visits import visits
from mechtui.store import Store
from mechtui.text import safe_model
from mechtui.widgets.session_list import SessionList

_SIZE = (120, 36)
_TYPED = "camry grind"
_NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def measure(count: int = 50_000) -> list[Row]:
    """Loading until painted, and a letter typed into the filter until painted."""
    rows = _rows(count)
    load, letter = asyncio.run(_ours(rows))
    table_load, table_letter = asyncio.run(_data_table(rows))
    return [
        Row(f"{count:,} rows into the list, painted", load, "ms", beside=f"DataTable {table_load:,.0f} ms"),
        Row(
            f"a letter typed over {count:,} rows held, painted",
            letter,
            "ms",
            16,
            beside=f"DataTable {table_letter:,.0f} ms",
        ),
    ]


class _OurList(ThemedApp):
    CSS_PATH = str(Path(mechtui.app.__file__).with_name("mechtui.tcss"))

    def compose(self) -> ComposeResult:
        yield SessionList(Store())


class _Table(App[None]):
    def compose(self) -> ComposeResult:
        yield DataTable(cursor_type="row")


async def _ours(rows: list[HistoryRow]) -> tuple[float, float]:
    app = _OurList()
    async with app.run_test(size=_SIZE):
        sessions = app.query_one(SessionList)
        sessions.show_tab(Tab.HISTORY)
        started = time.perf_counter()
        sessions.store.rows(Tab.HISTORY).replace(rows)
        sessions.follow()
        load = await _painted(sessions, started)
        letters: list[float] = []
        for end in range(1, len(_TYPED) + 1):
            started = time.perf_counter()
            sessions.store.filter(Tab.HISTORY, _TYPED[:end])
            sessions.follow()
            letters.append(await _painted(sessions, started))
    return load, median(letters)


async def _data_table(rows: list[HistoryRow]) -> tuple[float, float]:
    ready = {row.id: _cells(row) for row in rows}
    found = [row for row in rows if "camry" in row.vehicle.label.casefold()]
    app = _Table()
    async with app.run_test(size=_SIZE):
        table: DataTable[str] = app.query_one(DataTable)
        table.add_columns("REQUESTED", "TYPE", "OUTCOME", "CUSTOMER", "VEHICLE", "CONCERN")
        started = time.perf_counter()
        table.add_rows(ready.values())
        load = await _painted(table, started)
        started = time.perf_counter()
        table.clear()
        table.add_rows(ready[row.id] for row in found)
        letter = await _painted(table, started)
    return load, letter


async def _painted(widget: Widget, started: float) -> float:
    """The milliseconds until the screen was painted with what the widget is now."""
    done = asyncio.Event()
    widget.call_after_refresh(done.set)
    await done.wait()
    return (time.perf_counter() - started) * 1000


def _cells(row: HistoryRow) -> tuple[str, ...]:
    day = row.created_at.strftime("%d %b %H:%M")
    return day, row.type, row.outcome, row.customer_name, row.vehicle.label, row.concern[:50]


def _rows(count: int) -> list[HistoryRow]:
    """Completed sessions, one every half hour, cleaned as those from the backend are."""
    return [
        safe_model(
            HistoryRow(
                id=f"session-{n}",
                type=visit.problem.type,
                status="completed",
                customer_name=visit.customer.name,
                vehicle=Vehicle(label=f"{visit.car.year} {visit.car.make} {visit.car.model}"),
                concern=visit.concern,
                urgent=visit.problem.urgent,
                files_count=0,
                created_at=_NOW - timedelta(minutes=30 * n),
                expires_at=_NOW - timedelta(minutes=30 * n - 15),
                version=4,
                outcome="completed",
            )
        )
        for n, visit in enumerate(islice(visits(Random(1)), count))
    ]
