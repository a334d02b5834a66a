"""The form of a summary, in the running dashboard."""

import pytest
from textual.pilot import Pilot

from mechtui.api_client import Settled, Verdict
from mechtui.api_errors import OutcomeUnknown, Unreachable
from mechtui.drafts import Draft
from mechtui.models import SummaryRequest
from mechtui.replica import LinkChanged, LinkState
from mechtui.rows import Tab
from mechtui.screens.summary import SummaryPanel
from tests.dashboard.support import COMPLETED, ESCAPE, MINE, OPEN, SERVER, Shop

WRITTEN = ("C", "o", "l", "d", "tab", "d", "o", "n", "e", "tab", "tab", "n", "e", "x", "t")


async def write(shop: Shop, pilot: Pilot[int]) -> None:
    await pilot.press("3")
    await shop.ready(pilot)
    await pilot.press("down", "s", *WRITTEN)
    assert isinstance(shop.app.screen, SummaryPanel)


async def kept(shop: Shop, pilot: Pilot[int]) -> None:
    await shop.until(pilot, lambda: ESCAPE.id in shop.store.drafts, "the draft is kept")


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 36)])
async def test_all_four_fit_and_what_is_sent_is_what_was_written(size: tuple[int, int]) -> None:
    shop = Shop(*OPEN)
    async with shop.app.run_test(size=size, notifications=True) as pilot:
        await shop.ready(pilot)
        await write(shop, pilot)
        for words in ("FINDINGS", "DONE", "PARTS", "NEXT", "Ctrl+S"):
            assert words in shop.screen_text
        await pilot.press("ctrl+s")
        await shop.until(pilot, lambda: ESCAPE.id in shop.client.summaries)
        assert shop.client.summaries[ESCAPE.id] == SummaryRequest(
            findings="Cold", steps_taken="done", next_steps="next"
        )
        await shop.until(pilot, lambda: shop.app.screen is shop.app.dashboard)
        await shop.until(pilot, lambda: not shop.drafts.kept, "the draft is gone")
        row = shop.store.row(Tab.COMPLETED, ESCAPE.id)
        assert row is not None
        assert row.has_summary


async def test_what_is_missing_is_named_and_nothing_is_sent() -> None:
    shop = Shop(*OPEN)
    async with shop.app.run_test(notifications=True) as pilot:
        await shop.ready(pilot)
        await pilot.press("3")
        await shop.ready(pilot)
        await pilot.press("down", "s", "x", "ctrl+s")
        await pilot.pause()
        assert "DONE is still empty." in shop.toasts[-1]
        assert shop.app.focused is not None
        assert shop.app.focused.id == "steps_taken"
        assert not shop.client.summaries


async def test_a_draft_is_kept_while_typing_shown_in_the_row_and_taken_up_again() -> None:
    shop = Shop(*OPEN)
    async with shop.app.run_test(size=(80, 24), notifications=True) as pilot:
        await shop.ready(pilot)
        await write(shop, pilot)
        await kept(shop, pilot)
        await pilot.press("escape")
        await shop.until(pilot, lambda: "DRAFT" in shop.screen_text)
        assert shop.drafts.kept[ESCAPE.id] == Draft(findings="Cold", steps_taken="done", next_steps="next")
        await pilot.press("s")
        assert isinstance(shop.app.screen, SummaryPanel)
        assert shop.app.screen.draft == shop.drafts.kept[ESCAPE.id]
        assert shop.app.focused is not None
        assert shop.app.focused.id == "parts_needed"


async def test_a_draft_of_an_earlier_run_is_there_from_the_start() -> None:
    shop = Shop(*OPEN)
    shop.drafts.save(ESCAPE.id, Draft(findings="from before"))
    async with shop.app.run_test(size=(80, 24)) as pilot:
        await shop.ready(pilot)
        await pilot.press("3")
        await shop.until(pilot, lambda: "DRAFT" in shop.screen_text)
        await pilot.press("down", "s")
        assert "from before" in shop.screen_text


async def test_an_unknown_outcome_keeps_the_draft_until_the_key_has_settled_it() -> None:
    shop = Shop(*OPEN)
    async with shop.app.run_test(notifications=True) as pilot:
        await shop.ready(pilot)
        await write(shop, pilot)
        shop.client.answers |= {
            "summarize": OutcomeUnknown("key-9", "no answer"),
            "settle": Unreachable(SERVER, "silent"),
        }
        await pilot.press("ctrl+s")
        await shop.until(pilot, lambda: bool(shop.store.read_only))
        await shop.until(pilot, lambda: any("The draft is kept." in toast for toast in shop.toasts))
        assert ESCAPE.id in shop.drafts.kept
        del shop.client.answers["settle"]
        sent = COMPLETED[1].model_copy(update={"has_summary": True, "version": 9})
        shop.client.settled = [Settled("key-9", "summary", Verdict.DONE, session=sent)]
        await pilot.press("r")
        await shop.until(pilot, lambda: not shop.drafts.kept, "the draft is gone")


async def test_without_a_line_nothing_is_sent_and_it_is_said() -> None:
    shop = Shop(*OPEN)
    async with shop.app.run_test(notifications=True) as pilot:
        await shop.ready(pilot)
        await write(shop, pilot)
        shop.feed.say(LinkChanged(LinkState.OFFLINE, "cut", 9))
        await shop.ready(pilot)
        await pilot.press("ctrl+s")
        await shop.until(pilot, lambda: any("Offline" in toast for toast in shop.toasts))
        assert isinstance(shop.app.screen, SummaryPanel)
        assert not shop.client.summaries


async def test_it_is_offered_once_a_session_was_completed() -> None:
    shop = Shop(MINE)
    async with shop.app.run_test(size=(80, 24), notifications=True) as pilot:
        await shop.ready(pilot)
        await pilot.press("e", "enter")
        await shop.until(pilot, lambda: isinstance(shop.app.screen, SummaryPanel))
        await pilot.press("escape")
        assert not shop.drafts.kept
