"""The key that hands a session over, for whoever holds it."""

from textual.pilot import Pilot

from mechtui.key_names import Scope
from mechtui.rows import Tab
from mechtui.screens.confirm import WithdrawPanel
from mechtui.screens.handover import HandoverPanel

from .by_key import by_key, open_intake
from .support import MINE, Shop


@by_key("handover", rows=(MINE,))
async def hand_over(shop: Shop, pilot: Pilot[int], key: str) -> None:
    await pilot.press(key)
    await shop.until(pilot, lambda: "Zoë W." in shop.screen_text)
    assert isinstance(shop.app.screen, HandoverPanel)
    lines = [line.strip("│ ▌").split("  ")[0] for line in shop.screen_text.splitlines() if "│" in line]
    named = [line for line in lines if line in {"Sam K.", "Ada L.", "Jo P.", "Kim Y.", "Zoë W."}]
    assert named == ["Sam K.", "Ada L.", "Jo P.", "Kim Y.", "Zoë W."], "who could take it comes first"
    for reason in ("takes no video sessions", "busy with a session", "on a break", "no terminal open"):
        assert reason in shop.screen_text
    await pilot.press("down", "enter")
    assert "Ada L.: takes no video sessions." in shop.screen_text
    await pilot.press("up", "enter", *"lift 2", "enter")
    await shop.until(pilot, lambda: ("to", "m-2 lift 2") in shop.client.asked)
    await shop.until(pilot, lambda: "12:31 offered to Sam" in shop.screen_text)
    assert shop.store.count(Tab.ACTIVE) == 1
    await pilot.press(key)
    assert isinstance(shop.app.screen, WithdrawPanel)
    await pilot.press("enter")
    await shop.until(pilot, lambda: ("withdraw", MINE.id) in shop.client.asked)
    await shop.until(pilot, lambda: "LIVE 12:31 of 45m" in shop.screen_text)


@by_key("handover", Scope.INTAKE, rows=(MINE,))
async def hand_over_inside(shop: Shop, pilot: Pilot[int], key: str) -> None:
    await open_intake(shop, pilot)
    await pilot.press(key)
    await shop.until(pilot, lambda: "Sam K." in shop.screen_text)
    await pilot.press("enter", "escape")
    assert ("offer", MINE.id) not in shop.client.asked
