"""The keys of triage: pass, snooze, undo, watch, add time."""

from textual.pilot import Pilot

from mechtui.key_names import Scope
from mechtui.rows import Tab
from mechtui.screens.extend import ExtendPanel
from mechtui.screens.passing import PassPanel

from .by_key import by_key, cursor, open_intake
from .support import BMW, CAMRY, FORD, KIA, MINE, NOW, Shop, event, taken_by_sam


def incoming(shop: Shop) -> list[str]:
    return list(shop.store.rows(Tab.INCOMING).shown)


@by_key("pass")
async def pass_on(shop: Shop, pilot: Pilot[int], key: str) -> None:
    await pilot.press("down", key)
    assert isinstance(shop.app.screen, PassPanel)
    await pilot.press("down", "enter")
    await shop.until(pilot, lambda: ("reason", PassPanel.REASONS[1]) in shop.client.asked)
    await shop.until(pilot, lambda: shop.store.count(Tab.INCOMING) == 3)
    assert "PASSED" in shop.screen_text
    assert cursor(shop) == BMW.id
    assert any(toast.startswith("Left to the others: M. Ruiz") for toast in shop.toasts)


@by_key("pass", Scope.INTAKE)
async def pass_inside(shop: Shop, pilot: Pilot[int], key: str) -> None:
    await open_intake(shop, pilot)
    await pilot.press(key)
    assert isinstance(shop.app.screen, PassPanel)
    await pilot.press("1")
    await shop.until(pilot, lambda: ("pass", CAMRY.id) in shop.client.asked)


@by_key("undo")
async def undo(shop: Shop, pilot: Pilot[int], key: str) -> None:
    await pilot.press(key)
    assert any("nothing to undo" in toast for toast in shop.toasts)
    await pilot.press("down", "x", "enter")
    await shop.until(pilot, lambda: shop.store.count(Tab.INCOMING) == 3)
    await pilot.press(key)
    await shop.until(pilot, lambda: shop.store.count(Tab.INCOMING) == 4)
    assert shop.client.asked[-1] == ("unpass", KIA.id)
    assert not shop.store.leaving


@by_key("undo", Scope.INTAKE)
async def undo_inside(shop: Shop, pilot: Pilot[int], key: str) -> None:
    await pilot.press("down", "z")
    await open_intake(shop, pilot)
    await pilot.press(key)
    assert shop.store.marks.snoozed == {}
    assert incoming(shop) == [CAMRY.id, KIA.id, BMW.id, FORD.id]


@by_key("snooze")
async def snooze(shop: Shop, pilot: Pilot[int], key: str) -> None:
    await pilot.press("down", key)
    assert incoming(shop) == [CAMRY.id, BMW.id, FORD.id, KIA.id]
    assert "snoozed until 18:47" in shop.screen_text
    assert cursor(shop) == BMW.id
    assert shop.store.count(Tab.INCOMING) == 4
    shop.time.forward(301)
    shop.app.changed(shop.store.tick())
    assert KIA.id not in shop.store.marks.snoozed
    await shop.until(pilot, lambda: any(toast.startswith("No longer snoozed: M. Ruiz") for toast in shop.toasts))


@by_key("snooze", Scope.INTAKE)
async def snooze_inside(shop: Shop, pilot: Pilot[int], key: str) -> None:
    await open_intake(shop, pilot)
    await pilot.press(key)
    assert any("too little time" in toast for toast in shop.toasts)
    assert shop.store.marks.snoozed == {}


@by_key("watch")
async def watch(shop: Shop, pilot: Pilot[int], key: str) -> None:
    shop.feed.say(taken_by_sam(FORD))
    await shop.ready(pilot)
    await pilot.press(key)
    assert FORD.id in shop.store.marks.watched
    back = FORD.model_copy(update={"version": 3})
    shop.feed.say(event("released", back, at=NOW))
    await shop.ready(pilot)
    assert any(toast.startswith("The one you watch is back: R. Patel") for toast in shop.toasts)
    assert shop.store.marks.watched == {}


@by_key("extend", rows=(MINE,))
async def extend(shop: Shop, pilot: Pilot[int], key: str) -> None:
    await pilot.press(key)
    assert isinstance(shop.app.screen, ExtendPanel)
    assert "10 minutes   $6.66 more" in shop.screen_text
    await pilot.press("down", "enter")
    await shop.until(pilot, lambda: "of 55m" in shop.screen_text)


@by_key("extend", Scope.INTAKE, rows=(MINE,))
async def extend_inside(shop: Shop, pilot: Pilot[int], key: str) -> None:
    await open_intake(shop, pilot)
    await pilot.press(key, "escape")
    assert ("extend", MINE.id) not in shop.client.asked
    assert cursor(shop) == MINE.id
