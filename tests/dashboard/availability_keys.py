"""The key of availability, and what changes while one is away."""

from textual.pilot import Pilot

from mechtui.api_errors import OutcomeUnknown
from mechtui.replica import AvailabilityTold
from mechtui.rows import Tab
from mechtui.screens.availability import AvailabilityPanel

from .by_key import by_key
from .support import CAMRY, FORD, NOW, Shop, event, request, taken_by_sam


@by_key("availability")
async def availability(shop: Shop, pilot: Pilot[int], key: str) -> None:
    await pilot.press(key)
    assert isinstance(shop.app.screen, AvailabilityPanel)
    assert "On      the bell rings for new requests  (now)" in shop.screen_text
    await pilot.press("down", "enter")
    await shop.until(pilot, lambda: "Dana R.  ON BREAK" in shop.screen_text)
    assert shop.client.asked[-1] == ("availability", "break")
    await _nobody_is_rung(shop, pilot)
    await _another_terminal_says_otherwise(shop, pilot)
    await _what_nobody_answered_is_not_shown(shop, pilot, key)


async def _nobody_is_rung(shop: Shop, pilot: Pilot[int]) -> None:
    shop.app.clear_notifications()
    new = request("r-new", "N. Ew", "2020 Kia Rio", "new", urgent=True)
    shop.feed.say(event("created", new), taken_by_sam(FORD))
    await shop.ready(pilot)
    assert new.id in shop.store.rows(Tab.INCOMING).rows
    assert shop.toasts == []
    await pilot.press("z")
    shop.time.forward(301)
    shop.app.changed(shop.store.tick())
    shop.store.marks.watched[CAMRY.id] = CAMRY
    shop.feed.say(event("released", CAMRY.model_copy(update={"version": 9}), at=NOW))
    await shop.ready(pilot)
    assert any(toast.startswith("The one you watch is back") for toast in shop.toasts), "he asked for that himself"


async def _another_terminal_says_otherwise(shop: Shop, pilot: Pilot[int]) -> None:
    shop.feed.say(AvailabilityTold("off"))
    await shop.until(pilot, lambda: "Dana R.  OFF" in shop.screen_text)
    shop.feed.say(AvailabilityTold("on"))
    await shop.until(pilot, lambda: "Dana R.  OFF" not in shop.screen_text)


async def _what_nobody_answered_is_not_shown(shop: Shop, pilot: Pilot[int], key: str) -> None:
    shop.client.answers["availability"] = OutcomeUnknown("key-1", "no answer within 4 s")
    await pilot.press(key, "3")
    await shop.until(pilot, lambda: any(toast.startswith("Not known yet") for toast in shop.toasts))
    assert not shop.store.is_quiet
