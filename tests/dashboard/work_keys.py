"""The keys of completed work: summary, report, export."""

from textual.pilot import Pilot

from mechtui.key_names import Scope
from mechtui.rows import Tab
from mechtui.screens.export import ExportPanel
from mechtui.screens.report import ReportPanel
from mechtui.screens.stats import StatsPanel
from mechtui.screens.summary import SummaryPanel

from .by_key import by_key, open_intake, tab
from .support import DOWNLOADS, Shop


@by_key("summary")
async def summary(shop: Shop, pilot: Pilot[int], key: str) -> None:
    await pilot.press("3", key)
    assert "Its summary was sent already" in shop.toasts[-1]
    await pilot.press("down", key)
    assert isinstance(shop.app.screen, SummaryPanel)
    assert "Summary: Patience Okafor" in shop.screen_text


@by_key("report")
async def report(shop: Shop, pilot: Pilot[int], key: str) -> None:
    await pilot.press(key)
    assert "Only for sessions that you completed" in shop.toasts[-1]
    await pilot.press("3", key)
    assert isinstance(shop.app.screen, ReportPanel)
    assert str(DOWNLOADS) in shop.screen_text


@by_key("summary", Scope.INTAKE)
async def summary_inside(shop: Shop, pilot: Pilot[int], key: str) -> None:
    await pilot.press("3", "down")
    await open_intake(shop, pilot)
    await pilot.press(key)
    await shop.until(pilot, lambda: isinstance(shop.app.screen, SummaryPanel))


@by_key("report", Scope.INTAKE)
async def report_inside(shop: Shop, pilot: Pilot[int], key: str) -> None:
    await pilot.press("3")
    await open_intake(shop, pilot)
    await pilot.press(key)
    assert isinstance(shop.app.screen, ReportPanel)


@by_key("stats")
async def stats(shop: Shop, pilot: Pilot[int], key: str) -> None:
    await pilot.press(key)
    assert isinstance(shop.app.screen, StatsPanel)
    await shop.until(pilot, lambda: "BY TYPE" in shop.screen_text)
    await pilot.press(*["down"] * 5, "enter")
    assert tab(shop) is Tab.COMPLETED
    assert shop.store.rows(Tab.COMPLETED).filter_text == "type:video from:2026-01-16 to:2026-01-22"
    await pilot.press(key)
    await shop.until(pilot, lambda: "BY TYPE" in shop.screen_text)
    await pilot.press(*["down"] * 3, "enter")
    assert tab(shop) is Tab.HISTORY
    assert shop.store.rows(Tab.HISTORY).filter_text == "status:cancelled from:2026-01-16 to:2026-01-22"


@by_key("export")
async def export(shop: Shop, pilot: Pilot[int], key: str) -> None:
    await pilot.press(key)
    assert isinstance(shop.app.screen, ExportPanel)
    assert "Incoming Requests: all of it" in shop.screen_text
