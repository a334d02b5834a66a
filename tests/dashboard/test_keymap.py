"""Keys of one's own: what is taken, what is refused, and that they work everywhere a key is named."""

import re

import pytest

from mechtui.key_names import Scope
from mechtui.keymap import DEFAULT, KeymapError, remapped
from mechtui.rows import Tab
from mechtui.screens.handoff import HandoffPanel

from .support import CAMRY, OPEN, Shop


def test_an_action_has_the_keys_chosen_for_it_and_no_others() -> None:
    keymap = remapped({"accept": ["f2", "+"]})
    assert next(a.keys for a in keymap.actions if a.id == "accept") == ("f2", "plus")
    assert keymap.chosen()["accept"] == "f2,plus"
    assert DEFAULT.chosen() == {}


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        ({"accept": "e"}, r"e would be both accept \(accept\) and end \(end\)"),
        ({"accept": "f2", "end": "f2"}, "f2 would be both accept .* and end"),
        ({"acept": "a"}, "no action called acept; there are accept, open"),
        ({"accept": "not a key"}, "accept: 'not a key' is no key"),
        ({"accept": []}, "accept: no key is given"),
    ],
)
def test_what_cannot_be_used_is_named(chosen: dict[str, str | list[str]], words: str) -> None:
    with pytest.raises(KeymapError, match=words):
        remapped(chosen)


def test_two_actions_may_change_places() -> None:
    keymap = remapped({"accept": "e", "end": "a"})
    assert [a.id for a in keymap.heard_in(Scope.LIST) if "a" in a.keys] == ["end"]


async def test_a_chosen_key_works_and_is_the_one_named() -> None:
    shop = Shop(*OPEN, keymap=remapped({"accept": "f2", "completed": "c"}))
    async with shop.app.run_test(size=(80, 24), notifications=True) as pilot:
        await shop.ready(pilot)
        assert " f2 accept" in shop.screen_text
        assert " c Completed 41" in shop.screen_text
        await pilot.press("a")
        assert shop.client.asked[-1:] != [("accept", CAMRY.id)]
        await pilot.press("c")
        assert shop.app.dashboard.sessions.tab is Tab.COMPLETED
        await pilot.press("1", "question_mark")
        assert re.search(r" f2 +accept +Take it", shop.screen_text)
        await pilot.press("escape", "f2")
        await shop.until(pilot, lambda: isinstance(shop.app.screen, HandoffPanel))
        assert ("accept", CAMRY.id) in shop.client.asked
