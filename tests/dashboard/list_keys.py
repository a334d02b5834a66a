"""The keys of the lists."""

from datetime import UTC, datetime

from textual.pilot import Pilot

from mechtui.rows import Tab
from mechtui.screens.confirm import EndPanel
from mechtui.screens.earlier import EarlierPanel
from mechtui.screens.files import FilesPanel
from mechtui.screens.handoff import HandoffPanel
from mechtui.screens.help import HelpPanel
from mechtui.screens.intake import IntakePanel
from mechtui.screens.palette import PalettePanel
from mechtui.screens.release import ReleasePanel
from mechtui.widgets.preview import Preview

from .by_key import by_key, cursor, tab
from .refusals import WAITING
from .support import BMW, CAMRY, FORD, KIA, MINE, Shop


@by_key("accept")
async def accept(shop: Shop, pilot: Pilot[int], key: str) -> None:
    await pilot.press("down", key)
    await shop.until(pilot, lambda: isinstance(shop.app.screen, HandoffPanel))
    assert shop.client.asked[-1] == ("accept", KIA.id)
    assert "http://shop.test:8420/diagnostic/r-kia" in shop.screen_text
    await pilot.press("enter")
    assert tab(shop) is Tab.ACTIVE
    assert cursor(shop) == KIA.id
    assert (shop.store.count(Tab.INCOMING), shop.store.count(Tab.ACTIVE)) == (3, 1)


@by_key("open", rows=(WAITING,))
async def open_page(shop: Shop, pilot: Pilot[int], key: str) -> None:
    await pilot.press(key)
    await shop.until(pilot, lambda: ("join", WAITING.id) in shop.client.asked)
    assert isinstance(shop.app.screen, HandoffPanel)
    assert "http://shop.test:8420/video/s-wait" in shop.screen_text


@by_key("intake")
async def intake(shop: Shop, pilot: Pilot[int], key: str) -> None:
    await pilot.press(key)
    await shop.until(pilot, lambda: "4T1B11HKXJU123456" in shop.screen_text)
    await pilot.press("end")
    assert "dash.jpg" in shop.screen_text
    await pilot.press("escape")
    assert cursor(shop) == CAMRY.id


@by_key("release", rows=(WAITING,))
async def release(shop: Shop, pilot: Pilot[int], key: str) -> None:
    await pilot.press(key)
    assert isinstance(shop.app.screen, ReleasePanel)
    await pilot.press("down", "enter")
    await shop.until(pilot, lambda: shop.store.count(Tab.INCOMING) == 1)
    assert ("reason", ReleasePanel.REASONS[1]) in shop.client.asked
    assert shop.store.count(Tab.ACTIVE) == 0


@by_key("end", rows=(MINE,))
async def end(shop: Shop, pilot: Pilot[int], key: str) -> None:
    await pilot.press(key)
    assert isinstance(shop.app.screen, EndPanel)
    assert "will be COMPLETED" in shop.screen_text
    await pilot.press("enter")
    await shop.until(pilot, lambda: shop.store.count(Tab.ACTIVE) == 0)
    assert any(toast.startswith("Completed: T. Novak") for toast in shop.toasts)


@by_key("earlier")
async def earlier(shop: Shop, pilot: Pilot[int], key: str) -> None:
    await pilot.press(key)
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
async def files(shop: Shop, pilot: Pilot[int], key: str) -> None:
    await pilot.press(key)
    await shop.until(pilot, lambda: "noise at idle.mp4" in shop.screen_text)
    assert isinstance(shop.app.screen, FilesPanel)
    await pilot.press("escape", "down", key)
    assert shop.toasts[-1].endswith("No files came with this request.")


@by_key("copy", rows=(MINE,))
async def copy(shop: Shop, pilot: Pilot[int], key: str) -> None:
    await pilot.press(key)
    assert shop.app.clipboard == MINE.url


@by_key("search")
async def search(shop: Shop, pilot: Pilot[int], key: str) -> None:
    await pilot.press(key, *"bmw", "enter")
    assert list(shop.store.rows(Tab.INCOMING).shown) == [BMW.id]
    assert "/ bmw" in shop.screen_text
    await pilot.press("escape")
    assert len(shop.store.rows(Tab.INCOMING).shown) == 4


@by_key("filters")
async def saved_filters(shop: Shop, pilot: Pilot[int], key: str) -> None:
    await pilot.press(key, "enter")
    assert shop.store.rows(Tab.INCOMING).filter_text == "is:urgent"
    assert list(shop.store.rows(Tab.INCOMING).shown) == [CAMRY.id]


@by_key("save_filter")
async def save_filter(shop: Shop, pilot: Pilot[int], key: str) -> None:
    await pilot.press(key)
    assert "There is no filter to save" in shop.toasts[-1]
    await pilot.press("slash", *"bmw", "enter", key, *"Mine", "enter")
    assert "Mine: f offers it from now on." in shop.toasts[-1]
    await pilot.press("f")
    assert "Mine" in shop.screen_text


@by_key("day")
async def go_to_day(shop: Shop, pilot: Pilot[int], key: str) -> None:
    await pilot.press(key)
    assert "Days are for 3 Completed and 4 History." in shop.toasts[-1]
    await pilot.press("4", key, *"2026-01-21")
    assert "Wed 21 Jan 2026" in shop.screen_text
    await pilot.press("enter")
    end = datetime(2026, 1, 22, tzinfo=UTC)
    await shop.until(pilot, lambda: shop.client.filters[-1].get("at") == end)


@by_key("help")
async def help_here(shop: Shop, pilot: Pilot[int], key: str) -> None:
    await pilot.press(key)
    assert isinstance(shop.app.screen, HelpPanel)
    assert "not now: Accept it first, with a." in shop.screen_text
    await pilot.press("escape")


@by_key("quit")
async def leave(shop: Shop, pilot: Pilot[int], key: str) -> None:
    await pilot.press(key)
    assert not shop.app.is_running or shop.app.return_code == 0


@by_key("back")
async def back(shop: Shop, pilot: Pilot[int], key: str) -> None:
    await pilot.press("slash", "b", key)
    assert shop.store.rows(Tab.INCOMING).filter_text == ""
    assert not shop.app.dashboard.has_class("searching")


@by_key("incoming")
async def incoming(shop: Shop, pilot: Pilot[int], key: str) -> None:
    await pilot.press("2", key)
    assert tab(shop) is Tab.INCOMING


@by_key("active")
async def active(shop: Shop, pilot: Pilot[int], key: str) -> None:
    await pilot.press(key)
    assert tab(shop) is Tab.ACTIVE
    assert "You have no session in hand." in shop.screen_text


@by_key("completed")
async def completed(shop: Shop, pilot: Pilot[int], key: str) -> None:
    await pilot.press(key)
    await shop.until(pilot, lambda: "M. Johnson" in shop.screen_text)
    assert tab(shop) is Tab.COMPLETED


@by_key("history")
async def history(shop: Shop, pilot: Pilot[int], key: str) -> None:
    await pilot.press(key)
    await shop.until(pilot, lambda: "released" in shop.screen_text)
    assert tab(shop) is Tab.HISTORY


@by_key("down")
async def down(shop: Shop, pilot: Pilot[int], key: str) -> None:
    await pilot.press(key, key)
    assert cursor(shop) == BMW.id


@by_key("up")
async def up(shop: Shop, pilot: Pilot[int], key: str) -> None:
    await pilot.press("down", "down", key, key)
    assert cursor(shop) == CAMRY.id


@by_key("page_down")
async def page_down(shop: Shop, pilot: Pilot[int], key: str) -> None:
    await pilot.press(key)
    assert cursor(shop) == FORD.id


@by_key("page_up")
async def page_up(shop: Shop, pilot: Pilot[int], key: str) -> None:
    await pilot.press("pagedown", key)
    assert cursor(shop) == CAMRY.id


@by_key("last")
async def last(shop: Shop, pilot: Pilot[int], key: str) -> None:
    await pilot.press(key)
    assert cursor(shop) == FORD.id


@by_key("first")
async def first(shop: Shop, pilot: Pilot[int], key: str) -> None:
    await pilot.press("end", key)
    assert cursor(shop) == CAMRY.id


@by_key("preview")
async def preview(shop: Shop, pilot: Pilot[int], key: str) -> None:
    await pilot.press(key)
    assert not shop.app.dashboard.query_one(Preview).display
    await pilot.press(key)
    assert shop.app.dashboard.query_one(Preview).display


@by_key("retry")
async def retry(shop: Shop, pilot: Pilot[int], key: str) -> None:
    await pilot.press(key)
    assert shop.feed.retried == 1


@by_key("palette")
async def palette(shop: Shop, pilot: Pilot[int], key: str) -> None:
    await pilot.press(key)
    assert isinstance(shop.app.screen, PalettePanel)
    await pilot.press(*"histo", "enter")
    assert tab(shop) is Tab.HISTORY
