"""Every action of the table by each of its keys, in the running app: what it does, and why it does not where it cannot.

Made from the table itself: an action or a key without an effect, or whose refusal is not told, fails here.
"""

from typing import Any

import pytest
from textual.pilot import Pilot

from mechtui.actions import ACTIONS, Action
from mechtui.key_names import Scope
from mechtui.keymap import DEFAULT, Keymap, remapped
from mechtui.screens.confirm import QuitPanel

from . import availability_keys, handover_keys, intake_keys, list_keys, triage_keys, work_keys
from .by_key import TESTS, where
from .refusals import ALWAYS_POSSIBLE, REFUSED, STATES
from .support import MINE, Shop

WRITTEN_IN = (availability_keys, handover_keys, list_keys, intake_keys, triage_keys, work_keys)
CHOSEN = "f9"
"""A key that no action has by itself."""
SCOPES = {Scope.LIST: (Scope.LIST,), Scope.INTAKE: (Scope.INTAKE,), Scope.BOTH: (Scope.LIST, Scope.INTAKE)}

Case = tuple[Action, Scope, str]
PRESSED = [
    (action, scope, key) for action in ACTIONS for scope in SCOPES[action.scope] for key in (*action.keys, CHOSEN)
]
_NEVER_REFUSED = next(action.blocked for action in ACTIONS if action.id == "help")
REFUSABLE = [
    (action, scope, key)
    for action, scope, key in PRESSED
    if action.blocked is not _NEVER_REFUSED and (action.id, scope) not in ALWAYS_POSSIBLE
]


def name(case: Any) -> str:
    action, scope, key = case
    return f"{action.id}-{scope}-{key}"


def keymap_for(action: Action, key: str) -> Keymap:
    return remapped({action.id: key}) if key == CHOSEN else DEFAULT


@pytest.mark.parametrize("case", PRESSED, ids=name)
async def test_key_does_it(case: Case) -> None:
    action, scope, key = case
    test, rows = TESTS[action.id, scope]
    shop = Shop(*rows, keymap=keymap_for(action, key))
    async with shop.app.run_test(size=(80, 24), notifications=True) as pilot:
        await shop.ready(pilot)
        await test(shop, pilot, key)


@pytest.mark.parametrize("case", REFUSABLE, ids=name)
async def test_key_says_why_not(case: Case) -> None:
    action, scope, key = case
    state = STATES[REFUSED[action.id, scope]]
    shop = Shop(*state.rows, keymap=keymap_for(action, key), incoming=len(state.rows))
    async with shop.app.run_test(size=(80, 24), notifications=True) as pilot:
        await shop.ready(pilot)
        await state.steps(shop, pilot)
        assert where(shop).in_intake == (scope is Scope.INTAKE)
        await told_why_not(shop, pilot, action, key)


@pytest.mark.parametrize("state", STATES.values(), ids=STATES.keys())
async def test_all_that_is_not_possible_is_refused(state: Any) -> None:
    shop = Shop(*state.rows, incoming=len(state.rows))
    async with shop.app.run_test(size=(80, 24), notifications=True) as pilot:
        await shop.ready(pilot)
        await state.steps(shop, pilot)
        here = Scope.INTAKE if where(shop).in_intake else Scope.LIST
        refused = [action for action in DEFAULT.heard_in(here) if action.blocked(where(shop))]
        assert refused
        for action in refused:
            await told_why_not(shop, pilot, action, action.keys[0])


async def told_why_not(shop: Shop, pilot: Pilot[int], action: Action, key: str) -> None:
    """The reason is said, word for word and alone; nothing is asked of the backend, and all is shown as it was."""
    shop.app.clear_notifications()
    reason, asked, screen = action.blocked(where(shop)), list(shop.client.asked), shop.app.screen
    at, tab = shop.app.dashboard.sessions.view.cursor, shop.app.dashboard.sessions.tab
    assert reason is not None
    await pilot.press(key)
    await shop.ready(pilot)
    assert shop.toasts == [f": {reason}"]
    assert shop.client.asked == asked
    assert shop.app.screen is screen
    assert (shop.app.dashboard.sessions.view.cursor, shop.app.dashboard.sessions.tab) == (at, tab)


def test_every_action_has_its_tests() -> None:
    assert {test.__module__ for test, _ in TESTS.values()} == {module.__name__ for module in WRITTEN_IN}
    assert set(TESTS) == {(action.id, scope) for action, scope, _ in PRESSED}
    assert set(REFUSED) == {(action.id, scope) for action, scope, _ in REFUSABLE}


async def test_quitting_a_live_session_asks_first() -> None:
    shop = Shop(MINE)
    async with shop.app.run_test() as pilot:
        await shop.ready(pilot)
        await pilot.press("q")
        assert isinstance(shop.app.screen, QuitPanel)
        assert "It stays yours" in shop.screen_text
        await pilot.press("enter")
    assert shop.app.return_code == 0
