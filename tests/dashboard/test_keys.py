"""Every action of the table, by its key, in the running app. An action without a test fails the last one here."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from textual.pilot import Pilot

from mechtui.actions import ACTIONS, Scope
from mechtui.api_errors import Unreachable
from mechtui.rows import Tab
from mechtui.screens.confirm import EndPanel, QuitPanel
from mechtui.screens.earlier import EarlierPanel
from mechtui.screens.files import FilesPanel
from mechtui.screens.handoff import HandoffPanel
from mechtui.screens.help import HelpPanel
from mechtui.screens.intake import IntakePanel
from mechtui.screens.palette import PalettePanel
from mechtui.screens.release import ReleasePanel
from mechtui.widgets.pager import Pager
from mechtui.widgets.preview import Preview

from . import triage_keys, work_keys
from .by_key import TESTS, Test, by_key, cursor, open_intake, tab
from .support import BMW, CAMRY, FORD, KIA, MINE, SERVER, Shop, request, taken

WAITING = taken(request("s-wait", "L. Chen", "2016 VW Jetta", "no reverse when cold"))


@by_key("accept")
async def accept(shop: Shop, pilot: Pilot[int]) -> None:
    await pilot.press("down", "a")
    await shop.until(pilot, lambda: isinstance(shop.app.screen, HandoffPanel))
    assert shop.client.asked[-1] == ("accept", KIA.id)
    assert "http://shop.test:8420/diagnostic/r-kia" in shop.screen_text
    await pilot.press("enter")
    assert tab(shop) is Tab.ACTIVE
    assert cursor(shop) == KIA.id
    assert (shop.store.count(Tab.INCOMING), shop.store.count(Tab.ACTIVE)) == (3, 1)


@by_key("open", rows=(WAITING,))
async def open_page(shop: Shop, pilot: Pilot[int]) -> None:
    await pilot.press("o")
    await shop.until(pilot, lambda: ("join", WAITING.id) in shop.client.asked)
    assert isinstance(shop.app.screen, HandoffPanel)
    assert "http://shop.test:8420/video/s-wait" in shop.screen_text


@by_key("intake")
async def intake(shop: Shop, pilot: Pilot[int]) -> None:
    for key in ("enter", "i"):
        await pilot.press(key)
        await shop.until(pilot, lambda: "4T1B11HKXJU123456" in shop.screen_text)
        assert "hidden until you accept" in shop.screen_text
        await pilot.press("escape")
        assert cursor(shop) == CAMRY.id


@by_key("release", rows=(WAITING,))
async def release(shop: Shop, pilot: Pilot[int]) -> None:
    await pilot.press("R")
    assert isinstance(shop.app.screen, ReleasePanel)
    await pilot.press("down", "enter")
    await shop.until(pilot, lambda: shop.store.count(Tab.INCOMING) == 1)
    assert ("reason", ReleasePanel.REASONS[1]) in shop.client.asked
    assert shop.store.count(Tab.ACTIVE) == 0


@by_key("end", rows=(MINE,))
async def end(shop: Shop, pilot: Pilot[int]) -> None:
    await pilot.press("e")
    assert isinstance(shop.app.screen, EndPanel)
    assert "will be COMPLETED" in shop.screen_text
    await pilot.press("enter")
    await shop.until(pilot, lambda: shop.store.count(Tab.ACTIVE) == 0)
    assert any(toast.startswith("Completed: T. Novak") for toast in shop.toasts)


@by_key("earlier")
async def earlier(shop: Shop, pilot: Pilot[int]) -> None:
    await pilot.press("v")
    await shop.until(pilot, lambda: "4 earlier" in shop.screen_text)
    assert isinstance(shop.app.screen, EarlierPanel)
    await pilot.press("enter")
    assert "It was a colleague's" in shop.toasts[-1]
    await pilot.press("down", "down")
    await shop.until(pilot, lambda: "6 Aug 2023" in shop.screen_text, "the next page is read on the way down")
    assert "Front pads at 2 mm." in shop.screen_text
    await pilot.press("enter")
    await shop.until(pilot, lambda: isinstance(shop.app.screen, IntakePanel))
    await shop.until(pilot, lambda: "cranks but no start" in shop.screen_text)


@by_key("files")
async def files(shop: Shop, pilot: Pilot[int]) -> None:
    await pilot.press("t")
    await shop.until(pilot, lambda: "noise at idle.mp4" in shop.screen_text)
    assert isinstance(shop.app.screen, FilesPanel)
    await pilot.press("escape", "down", "t")
    assert shop.toasts[-1].endswith("No files came with this request.")


@by_key("copy", rows=(MINE,))
async def copy(shop: Shop, pilot: Pilot[int]) -> None:
    await pilot.press("y")
    assert shop.app.clipboard == MINE.url


@by_key("search")
async def search(shop: Shop, pilot: Pilot[int]) -> None:
    await pilot.press("slash", *"bmw", "enter")
    assert list(shop.store.rows(Tab.INCOMING).shown) == [BMW.id]
    assert "/ bmw" in shop.screen_text
    await pilot.press("escape")
    assert len(shop.store.rows(Tab.INCOMING).shown) == 4


@by_key("filters")
async def saved_filters(shop: Shop, pilot: Pilot[int]) -> None:
    await pilot.press("f", "enter")
    assert shop.store.rows(Tab.INCOMING).filter_text == "is:urgent"
    assert list(shop.store.rows(Tab.INCOMING).shown) == [CAMRY.id]


@by_key("save_filter")
async def save_filter(shop: Shop, pilot: Pilot[int]) -> None:
    await pilot.press("F")
    assert "There is no filter to save" in shop.toasts[-1]
    await pilot.press("slash", *"bmw", "enter", "F", *"Mine", "enter")
    assert "Mine: f offers it from now on." in shop.toasts[-1]
    await pilot.press("f")
    assert "Mine" in shop.screen_text


@by_key("day")
async def go_to_day(shop: Shop, pilot: Pilot[int]) -> None:
    await pilot.press("D")
    assert "Days are for 3 Completed and 4 History." in shop.toasts[-1]
    await pilot.press("4", "D", *"2026-01-21")
    assert "Wed 21 Jan 2026" in shop.screen_text
    await pilot.press("enter")
    end = datetime(2026, 1, 22, tzinfo=UTC)
    await shop.until(pilot, lambda: shop.client.filters[-1].get("at") == end)


@by_key("help")
async def help_here(shop: Shop, pilot: Pilot[int]) -> None:
    await pilot.press("question_mark")
    assert isinstance(shop.app.screen, HelpPanel)
    assert "not now: Accept it first, with a." in shop.screen_text
    await pilot.press("escape")


@by_key("quit")
async def leave(shop: Shop, pilot: Pilot[int]) -> None:
    await pilot.press("q")
    assert not shop.app.is_running or shop.app.return_code == 0


@by_key("back")
async def back(shop: Shop, pilot: Pilot[int]) -> None:
    await pilot.press("slash", "b", "escape")
    assert shop.store.rows(Tab.INCOMING).filter_text == ""
    assert not shop.app.dashboard.has_class("searching")


@by_key("incoming")
async def incoming(shop: Shop, pilot: Pilot[int]) -> None:
    await pilot.press("2", "1")
    assert tab(shop) is Tab.INCOMING


@by_key("active")
async def active(shop: Shop, pilot: Pilot[int]) -> None:
    await pilot.press("2")
    assert tab(shop) is Tab.ACTIVE
    assert "You have no session in hand." in shop.screen_text


@by_key("completed")
async def completed(shop: Shop, pilot: Pilot[int]) -> None:
    await pilot.press("3")
    await shop.until(pilot, lambda: "M. Johnson" in shop.screen_text)
    assert tab(shop) is Tab.COMPLETED


@by_key("history")
async def history(shop: Shop, pilot: Pilot[int]) -> None:
    await pilot.press("4")
    await shop.until(pilot, lambda: "released" in shop.screen_text)
    assert tab(shop) is Tab.HISTORY


@by_key("down")
async def down(shop: Shop, pilot: Pilot[int]) -> None:
    await pilot.press("down", "j")
    assert cursor(shop) == BMW.id


@by_key("up")
async def up(shop: Shop, pilot: Pilot[int]) -> None:
    await pilot.press("down", "down", "up", "k")
    assert cursor(shop) == CAMRY.id


@by_key("page_down")
async def page_down(shop: Shop, pilot: Pilot[int]) -> None:
    await pilot.press("space")
    assert cursor(shop) == FORD.id


@by_key("page_up")
async def page_up(shop: Shop, pilot: Pilot[int]) -> None:
    await pilot.press("pagedown", "pageup")
    assert cursor(shop) == CAMRY.id


@by_key("last")
async def last(shop: Shop, pilot: Pilot[int]) -> None:
    await pilot.press("G")
    assert cursor(shop) == FORD.id


@by_key("first")
async def first(shop: Shop, pilot: Pilot[int]) -> None:
    await pilot.press("end", "g")
    assert cursor(shop) == CAMRY.id


@by_key("preview")
async def preview(shop: Shop, pilot: Pilot[int]) -> None:
    await pilot.press("p")
    assert not shop.app.dashboard.query_one(Preview).display
    await pilot.press("p")
    assert shop.app.dashboard.query_one(Preview).display


@by_key("retry")
async def retry(shop: Shop, pilot: Pilot[int]) -> None:
    await pilot.press("r")
    assert shop.feed.retried == 1


@by_key("palette")
async def palette(shop: Shop, pilot: Pilot[int]) -> None:
    await pilot.press("ctrl+p")
    assert isinstance(shop.app.screen, PalettePanel)
    await pilot.press(*"histo", "enter")
    assert tab(shop) is Tab.HISTORY


# --- the same keys inside an intake ---------------------------------------------------------------------------


@by_key("accept", Scope.INTAKE)
async def accept_inside(shop: Shop, pilot: Pilot[int]) -> None:
    await open_intake(shop, pilot)
    await pilot.press("plus")
    await shop.until(pilot, lambda: isinstance(shop.app.screen, HandoffPanel))
    assert shop.client.asked[-1] == ("accept", CAMRY.id)


@by_key("open", Scope.INTAKE, rows=(WAITING,))
async def open_inside(shop: Shop, pilot: Pilot[int]) -> None:
    shop.client.rows[WAITING.id] = WAITING
    await open_intake(shop, pilot)
    await pilot.press("asterisk")
    await shop.until(pilot, lambda: ("join", WAITING.id) in shop.client.asked)


@by_key("release", Scope.INTAKE, rows=(WAITING,))
async def release_inside(shop: Shop, pilot: Pilot[int]) -> None:
    await open_intake(shop, pilot)
    await pilot.press("R")
    assert isinstance(shop.app.screen, ReleasePanel)


@by_key("end", Scope.INTAKE, rows=(MINE,))
async def end_inside(shop: Shop, pilot: Pilot[int]) -> None:
    await open_intake(shop, pilot)
    await pilot.press("e")
    assert isinstance(shop.app.screen, EndPanel)


@by_key("earlier", Scope.INTAKE)
async def earlier_inside(shop: Shop, pilot: Pilot[int]) -> None:
    await open_intake(shop, pilot)
    await pilot.press("v")
    await shop.until(pilot, lambda: "4 earlier" in shop.screen_text)


@by_key("files", Scope.INTAKE)
async def files_inside(shop: Shop, pilot: Pilot[int]) -> None:
    await open_intake(shop, pilot)
    await pilot.press("t")
    await shop.until(pilot, lambda: "noise at idle.mp4" in shop.screen_text)
    assert isinstance(shop.app.screen, FilesPanel)


@by_key("copy", Scope.INTAKE)
async def copy_vin(shop: Shop, pilot: Pilot[int]) -> None:
    await open_intake(shop, pilot)
    await pilot.press("y")
    assert shop.app.clipboard == CAMRY.vehicle.vin


@by_key("help", Scope.INTAKE)
async def help_inside(shop: Shop, pilot: Pilot[int]) -> None:
    await open_intake(shop, pilot)
    await pilot.press("question_mark")
    assert isinstance(shop.app.screen, HelpPanel)


@by_key("close", Scope.INTAKE)
async def close(shop: Shop, pilot: Pilot[int]) -> None:
    for key in ("escape", "q", "enter"):
        await open_intake(shop, pilot)
        await pilot.press(key)
        assert shop.app.screen is shop.app.dashboard


@by_key("retry", Scope.INTAKE)
async def retry_inside(shop: Shop, pilot: Pilot[int]) -> None:
    shop.client.answers["intake"] = Unreachable(SERVER, "connection refused")
    await pilot.press("enter")
    await shop.until(pilot, lambda: "r tries again" in shop.screen_text)
    del shop.client.answers["intake"]
    await pilot.press("r")
    await shop.until(pilot, lambda: "CONCERN" in shop.screen_text)


@by_key("palette", Scope.INTAKE)
async def palette_inside(shop: Shop, pilot: Pilot[int]) -> None:
    await open_intake(shop, pilot)
    await pilot.press("ctrl+p")
    await pilot.press(*"close", "enter")
    assert shop.app.screen is shop.app.dashboard


def scrolled(key: str, expected: Callable[[int], bool]) -> Test:
    async def test(shop: Shop, pilot: Pilot[int]) -> None:
        panel = await open_intake(shop, pilot)
        pager = panel.query_one(Pager)
        pager.scroll_by(5)
        await pilot.press(key)
        assert expected(pager._top)

    return test


by_key("up", Scope.INTAKE)(scrolled("k", lambda top: top == 4))
by_key("down", Scope.INTAKE)(scrolled("j", lambda top: top == 6))
by_key("page_up", Scope.INTAKE)(scrolled("pageup", lambda top: top == 0))
by_key("page_down", Scope.INTAKE)(scrolled("space", lambda top: top > 5))
by_key("first", Scope.INTAKE)(scrolled("g", lambda top: top == 0))
by_key("last", Scope.INTAKE)(scrolled("G", lambda top: top > 5))


@pytest.mark.parametrize("case", TESTS, ids=lambda case: f"{case[0]}-{case[1]}")
async def test_key(case: tuple[str, Scope]) -> None:
    test, rows = TESTS[case]
    shop = Shop(*rows)
    async with shop.app.run_test(size=(80, 24), notifications=True) as pilot:
        await shop.ready(pilot)
        await test(shop, pilot)


def test_every_action_has_its_test() -> None:
    assert triage_keys.__name__
    assert work_keys.__name__
    scopes = {Scope.LIST: (Scope.LIST,), Scope.INTAKE: (Scope.INTAKE,), Scope.BOTH: (Scope.LIST, Scope.INTAKE)}
    wanted = {(action.id, scope) for action in ACTIONS for scope in scopes[action.scope]}
    assert wanted == set(TESTS)


async def test_quitting_a_live_session_asks_first() -> None:
    shop = Shop(MINE)
    async with shop.app.run_test() as pilot:
        await shop.ready(pilot)
        await pilot.press("q")
        assert isinstance(shop.app.screen, QuitPanel)
        assert "It stays yours" in shop.screen_text
        await pilot.press("enter")
    assert shop.app.return_code == 0
