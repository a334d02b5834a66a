"""Sentences name the keys there are: with keys of one's own no text on any screen names another."""

import ast
import re
from pathlib import Path

import pytest

import mechtui
from mechtui.actions import ACTIONS
from mechtui.key_names import key_name
from mechtui.keymap import remapped

from .by_key import where
from .refusals import STATES, State
from .scenes import SCENES
from .support import Shop

OTHERS = remapped({action.id: (f"key_{action.id}", *action.keys) for action in ACTIONS})
"""Each action under a name of its own; the table's keys work on, so that a scene's steps lead to it."""
KEYS = {key_name(key) for action in ACTIONS for key in action.keys if len(key_name(key)) == 1}
LISTS_OF_KEYS = {"help", "palette"}
"""They name every key there is, the table's too."""
WITHOUT_SCREEN = ("server", "commands", "report", "search")

_NAMED = re.compile(
    r"(?:^|[\s(;])([A-Za-z1-5/?])(?= (?:tries|asks|takes|shows|offers|opens|gives|ends|adds|on|goes)\b)"
)
_WITH = re.compile(r"\b(?:with|press|Press|under) ([A-Za-z1-5/?])(?=[\s.,;)]|$)")


def named(text: str) -> set[str]:
    """The keys that sentences name."""
    found = {*_NAMED.findall(text), *_WITH.findall(text)}
    tabs = re.findall(r"(?:under|for|and|Press) ([1-5])(?= [A-Z]|[.,]|$)", text)
    return (found | set(tabs)) & KEYS - {"a"} | ({"a"} if re.search(r"\bwith a(?=[.,;)]|$)", text) else set())


def test_a_named_key_is_found() -> None:
    assert named("Accept it first, with a.") == {"a"}
    assert named("Offline. r tries again at once.") == {"r"}
    assert named("u takes that back; so does x on it under 4 History.") == {"u", "x", "4"}
    assert named("There is no filter to save: type one first, with /.") == {"/"}
    assert named("A backend with a token is asked, under load, for 30 minutes") == set()


def literals(path: Path) -> list[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    documents = {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documents
    ]


def test_no_sentence_holds_a_key() -> None:
    home = Path(mechtui.__file__).parent
    files = [path for path in home.rglob("*.py") if path.relative_to(home).parts[0] not in WITHOUT_SCREEN]
    wrong = [(path.name, text) for path in files for text in literals(path) if named(text)]
    assert wrong == []


@pytest.mark.parametrize("name", [name for name in SCENES if name not in LISTS_OF_KEYS])
async def test_no_screen_names_a_key_that_is_not_there(name: str) -> None:
    scene = SCENES[name]
    shop = Shop(*scene.rows, keymap=OTHERS, browser=scene.browser)
    async with shop.app.run_test(size=(120, 36), notifications=True) as pilot:
        await shop.ready(pilot)
        await scene.steps(shop, pilot)
        await pilot.pause()
        assert named(f"{shop.screen_text}\n{shop.toasts}") == set()


@pytest.mark.parametrize("state", STATES.values(), ids=STATES.keys())
async def test_no_reason_names_a_key_that_is_not_there(state: State) -> None:
    shop = Shop(*state.rows, keymap=OTHERS, incoming=len(state.rows))
    async with shop.app.run_test(size=(80, 24)) as pilot:
        await shop.ready(pilot)
        await state.steps(shop, pilot)
        reasons = [action.blocked(where(shop)) or "" for action in ACTIONS]
        assert named("\n".join(reasons)) == set()
