"""The same keys inside an intake."""

from collections.abc import Callable

from textual.pilot import Pilot

from mechtui.api_errors import Unreachable
from mechtui.key_names import Scope
from mechtui.screens.confirm import EndPanel
from mechtui.screens.files import FilesPanel
from mechtui.screens.handoff import HandoffPanel
from mechtui.screens.help import HelpPanel
from mechtui.screens.release import ReleasePanel
from mechtui.widgets.pager import Pager

from .by_key import Test, by_key, open_intake
from .refusals import WAITING
from .support import CAMRY, MINE, SERVER, Shop


@by_key("accept", Scope.INTAKE)
async def accept_inside(shop: Shop, pilot: Pilot[int], key: str) -> None:
    await open_intake(shop, pilot)
    await pilot.press(key)
    await shop.until(pilot, lambda: isinstance(shop.app.screen, HandoffPanel))
    assert shop.client.asked[-1] == ("accept", CAMRY.id)


@by_key("open", Scope.INTAKE, rows=(WAITING,))
async def open_inside(shop: Shop, pilot: Pilot[int], key: str) -> None:
    shop.client.rows[WAITING.id] = WAITING
    await open_intake(shop, pilot)
    await pilot.press(key)
    await shop.until(pilot, lambda: ("join", WAITING.id) in shop.client.asked)


@by_key("release", Scope.INTAKE, rows=(WAITING,))
async def release_inside(shop: Shop, pilot: Pilot[int], key: str) -> None:
    await open_intake(shop, pilot)
    await pilot.press(key)
    assert isinstance(shop.app.screen, ReleasePanel)


@by_key("end", Scope.INTAKE, rows=(MINE,))
async def end_inside(shop: Shop, pilot: Pilot[int], key: str) -> None:
    await open_intake(shop, pilot)
    await pilot.press(key)
    assert isinstance(shop.app.screen, EndPanel)


@by_key("earlier", Scope.INTAKE)
async def earlier_inside(shop: Shop, pilot: Pilot[int], key: str) -> None:
    await open_intake(shop, pilot)
    await pilot.press(key)
    await shop.until(pilot, lambda: "4 earlier" in shop.screen_text)


@by_key("files", Scope.INTAKE)
async def files_inside(shop: Shop, pilot: Pilot[int], key: str) -> None:
    await open_intake(shop, pilot)
    await pilot.press(key)
    await shop.until(pilot, lambda: "noise at idle.mp4" in shop.screen_text)
    assert isinstance(shop.app.screen, FilesPanel)


@by_key("copy", Scope.INTAKE)
async def copy_vin(shop: Shop, pilot: Pilot[int], key: str) -> None:
    await open_intake(shop, pilot)
    await pilot.press(key)
    assert shop.app.clipboard == CAMRY.vehicle.vin


@by_key("help", Scope.INTAKE)
async def help_inside(shop: Shop, pilot: Pilot[int], key: str) -> None:
    await open_intake(shop, pilot)
    await pilot.press(key)
    assert isinstance(shop.app.screen, HelpPanel)


@by_key("close", Scope.INTAKE)
async def close(shop: Shop, pilot: Pilot[int], key: str) -> None:
    await open_intake(shop, pilot)
    await pilot.press(key)
    assert shop.app.screen is shop.app.dashboard


@by_key("retry", Scope.INTAKE)
async def retry_inside(shop: Shop, pilot: Pilot[int], key: str) -> None:
    shop.client.answers["intake"] = Unreachable(SERVER, "connection refused")
    await pilot.press("enter")
    await shop.until(pilot, lambda: "tries again" in shop.screen_text)
    del shop.client.answers["intake"]
    await pilot.press(key)
    await shop.until(pilot, lambda: "CONCERN" in shop.screen_text)


@by_key("palette", Scope.INTAKE)
async def palette_inside(shop: Shop, pilot: Pilot[int], key: str) -> None:
    await open_intake(shop, pilot)
    await pilot.press(key)
    await pilot.press(*"close", "enter")
    assert shop.app.screen is shop.app.dashboard


def scrolled(expected: Callable[[int], bool]) -> Test:
    async def test(shop: Shop, pilot: Pilot[int], key: str) -> None:
        panel = await open_intake(shop, pilot)
        pager = panel.query_one(Pager)
        pager.scroll_by(5)
        await pilot.press(key)
        assert expected(pager._top)

    return test


by_key("up", Scope.INTAKE)(scrolled(lambda top: top == 4))
by_key("down", Scope.INTAKE)(scrolled(lambda top: top == 6))
by_key("page_up", Scope.INTAKE)(scrolled(lambda top: top == 0))
by_key("page_down", Scope.INTAKE)(scrolled(lambda top: top > 5))
by_key("first", Scope.INTAKE)(scrolled(lambda top: top == 0))
by_key("last", Scope.INTAKE)(scrolled(lambda top: top > 5))
