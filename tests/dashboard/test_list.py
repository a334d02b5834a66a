"""The list: the cursor by session id, rows that never jump, and no more painted than has changed."""

from datetime import timedelta

from textual.events import MouseScrollDown
from textual.geometry import Region
from textual.pilot import Pilot

from mechtui.models import Page, Session
from mechtui.replica import LinkChanged, LinkState
from mechtui.rows import Tab
from mechtui.screens.intake import IntakePanel
from mechtui.widgets.session_list import SessionList

from .support import BMW, CAMRY, COMPLETED, FORD, KIA, NOW, OPEN, Shop, event, request, taken_by_sam


def many(count: int) -> list[Session]:
    later = NOW + timedelta(hours=1)
    return [request(f"r-{n:03}", f"Name {n}", "2018 Toyota Camry", f"noise {n}", waited=900 - n, expires_at=later)
            for n in range(count)]  # fmt: skip


def sessions(shop: Shop) -> SessionList:
    return shop.app.dashboard.sessions


def line_of(shop: Shop, words: str) -> int:
    return next(y for y, line in enumerate(shop.screen_text.split("\n")) if words in line)


async def test_an_arrival_above_does_not_move_the_row_under_the_cursor() -> None:
    shop = Shop(KIA, BMW, FORD)
    async with shop.app.run_test(size=(80, 24)) as pilot:
        await shop.ready(pilot)
        await pilot.press("down")
        before = line_of(shop, "▌")
        shop.feed.say(event("created", CAMRY))
        await shop.ready(pilot)
        assert sessions(shop).view.cursor == BMW.id
        assert line_of(shop, "▌") == before
        assert "1 urgent above" in shop.screen_text


async def test_once_nobody_types_the_first_rows_come_back() -> None:
    shop = Shop(KIA, BMW)
    async with shop.app.run_test(size=(80, 24)) as pilot:
        await shop.ready(pilot)
        await pilot.press("down")
        shop.feed.say(event("created", CAMRY))
        await shop.ready(pilot)
        shop.time.forward(9)
        shop.app.dashboard.tick()
        assert sessions(shop).view.top == 0
        assert sessions(shop).view.cursor == BMW.id


async def test_the_cursor_goes_to_the_next_row_when_its_own_has_left() -> None:
    shop = Shop(*OPEN)
    async with shop.app.run_test(size=(80, 24)) as pilot:
        await shop.ready(pilot)
        await pilot.press("down")
        shop.feed.say(taken_by_sam(KIA))
        await shop.ready(pilot)
        assert sessions(shop).view.cursor == KIA.id
        assert "TAKEN by Sam K. 1 s ago" in shop.screen_text
        shop.time.forward(4)
        shop.app.changed(shop.store.tick())
        assert sessions(shop).view.cursor == BMW.id


async def test_a_move_paints_two_lines_and_only_the_cells_that_differ() -> None:
    shop = Shop(*OPEN)
    async with shop.app.run_test(size=(80, 24)) as pilot:
        await shop.ready(pilot)
        asked = watch(sessions(shop))
        sessions(shop).move(1)
        assert [(region.y, region.x) for region in asked if region.x == 0] == [(1, 0), (2, 0)], "the marks"
        assert {region.y for region in asked} == {1, 2}
        assert sum(region.area for region in asked) < 50
        del pilot


async def test_the_clocks_wait_while_keys_come_but_not_for_long() -> None:
    shop = Shop(KIA, BMW)
    async with shop.app.run_test(size=(80, 24)) as pilot:
        await shop.ready(pilot)
        shop.time.forward(0.95)
        await pilot.press("down")
        shop.time.forward(0.1)
        asked = watch(sessions(shop))
        shop.app._second()
        assert asked == []
        shop.app._second()
        assert len(asked) == 2
        shop.time.forward(1)
        shop.app._second()
        assert len(asked) == 4, "no key came, so no second is let pass"


async def test_a_second_paints_only_the_clocks() -> None:
    shop = Shop(KIA, BMW)
    async with shop.app.run_test(size=(80, 24)) as pilot:
        await shop.ready(pilot)
        asked = watch(sessions(shop))
        shop.app.dashboard.tick()
        assert asked == []
        shop.time.forward(1)
        shop.app.dashboard.tick()
        assert len(asked) == 2
        assert all(region.width <= 12 for region in asked)
        del pilot


def watch(widget: SessionList) -> list[Region]:
    """The regions that the list asks to be painted from now on."""
    asked: list[Region] = []
    refresh = widget.refresh

    def noted(*regions: Region, **options: bool) -> SessionList:
        asked.extend(regions)
        return refresh(*regions, **options)

    widget.refresh = noted  # type: ignore[method-assign]
    return asked


async def test_a_long_list_scrolls_with_the_cursor_and_says_what_is_out_of_sight() -> None:
    shop = Shop(*many(50))
    async with shop.app.run_test(size=(80, 24)) as pilot:
        await shop.ready(pilot)
        assert "↓ 40 below" in shop.screen_text
        await pilot.press("G")
        assert "↑ 40 above" in shop.screen_text
        assert sessions(shop).view.cursor == "r-049"
        await pilot.press("pageup")
        assert sessions(shop).view.cursor == "r-039"


async def test_fifty_thousand_rows_are_as_quick_as_five() -> None:
    shop = Shop()
    shop.connect()
    rows = [row.model_copy(update={"id": f"c-{n}", "ended_at": NOW - timedelta(minutes=n)})
            for n, row in enumerate(COMPLETED[:1] * 50_000)]  # fmt: skip
    shop.store.rows(Tab.COMPLETED).replace(rows)
    async with shop.app.run_test(size=(80, 24)) as pilot:
        await shop.ready(pilot)
        sessions(shop).show_tab(Tab.COMPLETED)
        await pilot.press("G")
        assert sessions(shop).view.cursor == "c-49999"


async def test_the_mouse_does_what_the_keys_do() -> None:
    shop = Shop(*OPEN)
    async with shop.app.run_test(size=(80, 24)) as pilot:
        await shop.ready(pilot)
        await click(shop, pilot, "11 BMW")
        assert sessions(shop).view.cursor == BMW.id
        await click(shop, pilot, "11 BMW")
        await shop.until(pilot, lambda: isinstance(shop.app.screen, IntakePanel))
        await shop.until(pilot, lambda: "Esc close" in shop.screen_text)
        await click(shop, pilot, "Esc close")
        await shop.until(pilot, lambda: shop.app.screen is shop.app.dashboard)
        await click(shop, pilot, "4 History")
        assert sessions(shop).tab is Tab.HISTORY
        await click(shop, pilot, "1 Incoming")
        assert sessions(shop).tab is Tab.INCOMING
        await click(shop, pilot, "? help")
        assert len(shop.app.screen_stack) == 3


async def click(shop: Shop, pilot: Pilot[int], words: str) -> None:
    lines = shop.screen_text.split("\n")
    y = max(n for n, line in enumerate(lines) if words in line) if words.startswith("Esc") else line_of(shop, words)
    await pilot.click(offset=(lines[y].index(words) + 1, y))
    await shop.ready(pilot)


async def test_the_wheel_takes_the_cursor_along() -> None:
    shop = Shop(*many(50))
    async with shop.app.run_test(size=(80, 24)) as pilot:
        await shop.ready(pilot)
        await pilot._post_mouse_events([MouseScrollDown], SessionList, offset=(5, 5))
        assert sessions(shop).view.top == 3
        assert sessions(shop).view.cursor == "r-003"


async def test_old_rows_are_dimmed_and_the_line_says_how_old() -> None:
    shop = Shop(*OPEN)
    async with shop.app.run_test(size=(80, 24)) as pilot:
        await shop.ready(pilot)
        shop.feed.say(LinkChanged(LinkState.STALE, "the line was cut"))
        await shop.ready(pilot)
        shop.time.forward(43)
        shop.app.dashboard.tick()
        assert "STALE since 18:42:07 (43 s)" in shop.screen_text
        assert "Data from 18:42:07, 43 s old" in shop.screen_text
        assert {piece.tone for piece in sessions(shop).line(1)[1:]} == {"dim"}


async def test_the_backend_is_asked_for_more_before_the_end_is_reached() -> None:
    shop = Shop()
    shop.connect()
    pages = iter([(many(50), "more"), (many(80)[50:], None)])

    async def completed(**filters: object) -> Page[Session]:
        shop.client.filters.append(filters)  # type: ignore[arg-type]
        rows, cursor = next(pages)
        return Page(items=tuple(rows), next_cursor=cursor, total=80, seq=100, server_now=NOW)

    shop.client.completed = completed  # type: ignore[method-assign]
    async with shop.app.run_test(size=(80, 24)) as pilot:
        await shop.ready(pilot)
        await pilot.press("3")
        await shop.until(pilot, lambda: len(sessions(shop).shown) == 50)
        await pilot.press("pagedown", "pagedown")
        await shop.until(pilot, lambda: len(sessions(shop).shown) == 80)
        assert shop.client.filters[-1]["cursor"] == "more"


async def test_a_search_in_what_is_read_by_pages_asks_the_backend_once_typing_pauses() -> None:
    shop = Shop(*OPEN)
    async with shop.app.run_test(size=(80, 24)) as pilot:
        await shop.ready(pilot)
        await pilot.press("3", "slash", *"honda")
        assert list(sessions(shop).shown) == ["c-1"]
        await shop.until(pilot, lambda: bool(shop.client.filters) and shop.client.filters[-1].get("q") == '"honda"')
        await pilot.press("enter", "escape")
        await shop.until(pilot, lambda: "q" not in shop.client.filters[-1])
        assert len(sessions(shop).shown) == 3


async def test_a_slash_in_the_search_is_a_slash() -> None:
    shop = Shop(*OPEN)
    async with shop.app.run_test(size=(80, 24)) as pilot:
        await shop.ready(pilot)
        await pilot.press("slash", "1", "slash", "2")
        assert shop.app.dashboard.search.value == "1/2"
