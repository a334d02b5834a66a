"""What each action does when its key is pressed, by action and scope: `test_keys.py` presses every key of the table."""

from collections.abc import Awaitable, Callable

from textual.pilot import Pilot

from mechtui.actions import Context
from mechtui.key_names import Scope
from mechtui.models import Session
from mechtui.rows import Tab
from mechtui.screens.intake import IntakePanel
from mechtui.screens.panel import Acting

from .support import OPEN, Shop

Test = Callable[[Shop, Pilot[int], str], Awaitable[None]]
"""Given the key to press: each of the action's keys in turn, and one chosen instead of them."""
TESTS: dict[tuple[str, Scope], tuple[Test, tuple[Session, ...]]] = {}


def by_key(action: str, scope: Scope = Scope.LIST, rows: tuple[Session, ...] = OPEN) -> Callable[[Test], Test]:
    def register(test: Test) -> Test:
        TESTS[(action, scope)] = (test, rows)
        return test

    return register


def cursor(shop: Shop) -> str | None:
    return shop.app.dashboard.sessions.view.cursor


def tab(shop: Shop) -> Tab:
    return shop.app.dashboard.sessions.tab


async def open_intake(shop: Shop, pilot: Pilot[int]) -> IntakePanel:
    await pilot.press("enter")
    await shop.until(pilot, lambda: "CONCERN" in shop.screen_text)
    screen = shop.app.screen
    assert isinstance(screen, IntakePanel)
    return screen


def where(shop: Shop) -> Context:
    """What the screen in front decides by."""
    screen = shop.app.screen
    assert isinstance(screen, Acting)
    context = screen.context()
    assert context is not None
    return context
