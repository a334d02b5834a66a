"""A long list on the terminal: some pages in a row, however one goes about in it."""

from datetime import timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from mechtui.api_client import Filters
from mechtui.changes import Step
from mechtui.models import HistoryRow
from mechtui.rows import Tab
from mechtui.screens.day import DayPanel
from mechtui.store import Store
from mechtui.widgets.session_list import SessionList
from mechtui.window import WINDOW_ROWS
from tests.dashboard.support import FORD, ME, NOW, OPEN, Shop, Time, event, snapshot, taken

from .long_list import LongClient, long_history, page_of

ROWS = long_history(1_203)
LIMIT = 50

steps = st.one_of(
    st.sampled_from((Step.FIRST, Step.LAST, Step.ON, Step.ON, Step.ON, Step.BACK, Step.BACK, Step.BACK)).map(
        lambda step: (step, 0)
    ),
    st.tuples(st.just(Step.DAY), st.integers(0, len(ROWS) - 1)),
)


def read(store: Store, rows: list[HistoryRow], step: Step, at: int) -> None:
    """Ask for a page as the dashboard does, and take it in."""
    reach, filters = store.reach[Tab.HISTORY], Filters(limit=LIMIT)
    if step in {Step.ON, Step.BACK}:
        cursor = reach.back if step is Step.BACK else reach.cursor
        if cursor is None:
            return
        filters["cursor"] = cursor
    if step is Step.DAY:
        filters["at"] = NOW - timedelta(hours=at, seconds=-1)
    filters["back"] = step in {Step.BACK, Step.LAST}
    store.apply_page(Tab.HISTORY, "", page_of(rows, filters), step)


@settings(deadline=None)
@given(st.lists(steps, min_size=1, max_size=60))
def test_what_is_held_is_one_piece_of_the_list(taken_steps: list[tuple[Step, int]]) -> None:
    store = Store(Time().clock)
    for step, at in taken_steps:
        read(store, ROWS, step, at)
        reach, held = store.reach[Tab.HISTORY], list(store.rows(Tab.HISTORY).held)
        start = reach.skipped
        assert held == [row.id for row in ROWS[start : start + len(held)]]
        assert len(held) <= WINDOW_ROWS + LIMIT
        if held:
            assert (reach.back is None) == (start == 0)
            assert (reach.cursor is None) == (start + len(held) == len(ROWS))


def test_the_far_end_is_reached_page_by_page_from_either_side() -> None:
    store = Store(Time().clock)
    read(store, ROWS, Step.FIRST, 0)
    while store.reach[Tab.HISTORY].cursor:
        read(store, ROWS, Step.ON, 0)
    assert store.reach[Tab.HISTORY].skipped + len(store.rows(Tab.HISTORY).held) == len(ROWS)
    while store.reach[Tab.HISTORY].back:
        read(store, ROWS, Step.BACK, 0)
    assert (store.reach[Tab.HISTORY].skipped, store.rows(Tab.HISTORY).held.at(0)) == (0, ROWS[0].id)


def test_a_new_row_above_what_is_held_is_counted_and_not_held() -> None:
    store = Store(Time().clock)
    store.apply(snapshot(*OPEN))
    read(store, ROWS, Step.LAST, 0)
    before = store.reach[Tab.HISTORY].skipped
    store.apply(event("accepted", taken(FORD, by=ME)))
    assert FORD.id not in store.rows(Tab.HISTORY).held
    assert store.reach[Tab.HISTORY].skipped == before + 1


def long_shop() -> Shop:
    return Shop(*OPEN, client=LongClient(rows={row.id: row for row in OPEN}, history_rows=ROWS), history=len(ROWS))


def sessions(shop: Shop) -> SessionList:
    return shop.app.dashboard.sessions


async def test_both_ends_are_one_key_away() -> None:
    shop = long_shop()
    async with shop.app.run_test(size=(80, 24)) as pilot:
        await shop.ready(pilot)
        await pilot.press("4")
        await shop.ready(pilot)
        await pilot.press("G")
        await shop.until(pilot, lambda: sessions(shop).view.cursor == ROWS[-1].id)
        assert "↑ 1,193 above" in shop.screen_text
        assert "below" not in shop.screen_text
        await pilot.press("g")
        await shop.until(pilot, lambda: sessions(shop).view.cursor == ROWS[0].id)
        assert "↓ 1,193 below" in shop.screen_text


async def test_scrolling_goes_on_without_a_gap_to_the_end_and_back() -> None:
    shop = long_shop()
    async with shop.app.run_test(size=(80, 24)) as pilot:
        await shop.ready(pilot)
        await pilot.press("4")
        await shop.ready(pilot)
        seen: list[str] = []
        while not seen or seen[-1] != ROWS[-1].id:
            seen.append(str(sessions(shop).view.cursor))
            await pilot.press("pagedown")
            await shop.ready(pilot)
        places = [int(row_id[2:]) for row_id in seen]
        assert max(after - before for before, after in pairwise(places)) <= sessions(shop).page
        while sessions(shop).view.cursor != ROWS[0].id:
            await pilot.press("pageup")
            await shop.ready(pilot)
        assert len(shop.store.rows(Tab.HISTORY).held) <= WINDOW_ROWS + LIMIT


async def test_a_day_is_gone_to_and_escape_returns() -> None:
    shop = long_shop()
    async with shop.app.run_test(size=(80, 24)) as pilot:
        await shop.ready(pilot)
        await pilot.press("4")
        await shop.ready(pilot)
        await pilot.press("D", *"2026-01-1")
        assert isinstance(shop.app.screen, DayPanel)
        await pilot.press("0")
        assert "Sat 10 Jan 2026" in shop.screen_text
        await pilot.press("enter")
        await shop.until(pilot, lambda: not isinstance(shop.app.screen, DayPanel))
        await shop.until(pilot, lambda: shop.store.reach[Tab.HISTORY].skipped > 0)
        await shop.ready(pilot)
        first = sessions(shop).selected
        assert first is not None
        assert first.created_at.date().isoformat() == "2026-01-10"
        await pilot.press("escape")
        await shop.until(pilot, lambda: sessions(shop).view.cursor == ROWS[0].id)


async def test_what_is_no_day_goes_nowhere() -> None:
    shop = long_shop()
    async with shop.app.run_test(size=(80, 24)) as pilot:
        await shop.ready(pilot)
        await pilot.press("4", "D", *"soon", "enter")
        assert isinstance(shop.app.screen, DayPanel)
        assert "“soon” is no day" in shop.screen_text
        await pilot.press("escape")
        assert not isinstance(shop.app.screen, DayPanel)


async def test_a_day_before_all_is_the_end_of_the_list() -> None:
    shop = long_shop()
    async with shop.app.run_test(size=(80, 24)) as pilot:
        await shop.ready(pilot)
        await pilot.press("4", "D", *"2001", "enter")
        await shop.until(pilot, lambda: shop.store.reach[Tab.HISTORY].cursor is None)
        await shop.until(pilot, lambda: sessions(shop).view.cursor in {row.id for row in ROWS[-LIMIT:]})


async def test_what_a_search_finds_is_shown_from_the_first_row_on() -> None:
    shop = long_shop()
    async with shop.app.run_test(size=(80, 24)) as pilot:
        await shop.ready(pilot)
        await pilot.press("4", "down", "down", "slash", *"noise")
        await shop.until(pilot, lambda: "q" in shop.client.filters[-1])
        await shop.ready(pilot)
        assert (sessions(shop).view.place, sessions(shop).view.top) == (2, 0)
