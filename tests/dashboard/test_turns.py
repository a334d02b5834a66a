"""Over a slow line keys come in bunches; each still finds what the one before it has done."""

import asyncio
from collections.abc import Sequence

import pytest
from textual.events import Key, Paste
from textual.pilot import Pilot

from mechtui import turns
from mechtui.models import Intake, SummaryRequest
from mechtui.screens.availability import AvailabilityPanel
from mechtui.turns import InTurn
from tests.dashboard.support import ESCAPE, OPEN, FakeClient, Shop

ASKED_ALWAYS = [("settle", "")]


async def opened(shop: Shop, pilot: Pilot[int], *keys: str) -> None:
    await shop.ready(pilot)
    await pilot.press(*keys)
    await shop.ready(pilot)


def at_once(shop: Shop, keys: Sequence[str]) -> None:
    for key in keys:
        shop.app.post_message(Key(key, key if len(key) == 1 else None))


async def test_what_follows_the_slash_goes_into_the_search() -> None:
    shop = Shop(*OPEN)
    async with shop.app.run_test(size=(80, 24)) as pilot:
        await opened(shop, pilot)
        at_once(shop, ("slash", *"bam"))
        await shop.until(pilot, lambda: shop.app.dashboard.search.value == "bam")
        assert shop.client.asked == ASKED_ALWAYS


async def test_what_follows_the_key_of_a_form_goes_into_its_fields_from_one_to_the_next() -> None:
    shop = Shop(*OPEN)
    async with shop.app.run_test(size=(80, 24)) as pilot:
        await opened(shop, pilot, "3", "down")
        at_once(shop, ("s", *"Cold", "tab", *"done", "tab", "tab", *"next", "ctrl+s"))
        await shop.until(pilot, lambda: ESCAPE.id in shop.client.summaries)
        assert shop.client.summaries[ESCAPE.id] == SummaryRequest(
            findings="Cold", steps_taken="done", next_steps="next"
        )


async def test_a_paste_waits_for_the_keys_before_it() -> None:
    shop = Shop(*OPEN)
    async with shop.app.run_test(size=(80, 24)) as pilot:
        await opened(shop, pilot)
        at_once(shop, ("slash",))
        shop.app.post_message(Paste("bam"))
        at_once(shop, ("s",))
        await shop.until(pilot, lambda: shop.app.dashboard.search.value == "bams")


async def test_what_follows_enter_in_the_search_is_for_the_rows_found() -> None:
    shop = Shop(*OPEN)
    async with shop.app.run_test(size=(80, 24)) as pilot:
        await opened(shop, pilot)
        at_once(shop, ("slash", *"bam", "enter", "S"))
        await shop.until(pilot, lambda: isinstance(shop.app.screen, AvailabilityPanel))
        assert shop.app.dashboard.search.value == "bam"


async def test_what_follows_enter_in_a_form_is_for_the_lists_again() -> None:
    shop = Shop(*OPEN)
    async with shop.app.run_test(size=(80, 24)) as pilot:
        await opened(shop, pilot)
        at_once(shop, ("x", "4", *"lift", "enter", "S"))
        await shop.until(pilot, lambda: isinstance(shop.app.screen, AvailabilityPanel))


async def test_a_key_that_takes_its_panel_with_it_keeps_no_other_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever was to tell that it is done never does."""
    monkeypatch.setattr(turns, "PATIENCE_SECONDS", 0.01)
    monkeypatch.setattr(InTurn, "_taken", lambda *_: None)
    shop = Shop(*OPEN)
    async with shop.app.run_test(size=(80, 24)) as pilot:
        await opened(shop, pilot)
        at_once(shop, ("question_mark", "escape", "slash", "b"))
        await shop.until(pilot, lambda: shop.app.dashboard.search.value == "b")


async def test_the_end_of_what_is_still_read_is_where_it_ends_then(monkeypatch: pytest.MonkeyPatch) -> None:
    """Enter and G: the intake is asked for when G comes, and its timeline is the last of it."""
    asked, answered = FakeClient.intake, asyncio.Event()

    async def in_time(self: FakeClient, session_id: str) -> Intake:
        await answered.wait()
        return await asked(self, session_id)

    monkeypatch.setattr(FakeClient, "intake", in_time)
    shop = Shop(*OPEN)
    async with shop.app.run_test(size=(80, 24)) as pilot:
        await opened(shop, pilot, "3")
        await pilot.press("enter", "G")
        await shop.until(pilot, lambda: "Loading ..." in shop.screen_text)
        answered.set()
        await shop.until(pilot, lambda: "TIMELINE" in shop.screen_text)
        await pilot.press("g")
        await shop.until(pilot, lambda: "TIMELINE" not in shop.screen_text)
