"""The real dashboard in a real pty, looked at in every place that shows what others wrote: only its bytes count."""

import importlib
import pkgutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from textual.widget import Widget

import mechtui
from tests.faults import LARGE
from tests.hostile.corpus import MARKERS
from tests.hostile.judge import findings, markers_shown, text_of
from tests.hostile.lies import LIES
from tests.hostile.panels import PANELS
from tests.hostile.shop import Seeded
from tests.hostile.tour import BARE, BELL, DAY, UNSAFE, allowed, dashboard

TOURS = {
    "day": (DAY, (80, 24)),
    "day, wide": (DAY, (120, 36)),
    "panels": (PANELS, (100, 30)),
    "lies": (LIES, (100, 30)),
}
CONTROLLED = ["day, wide", "lies", *(["panels"] if LARGE else [])]
"""The control waits by the clock, as nothing is legible in it; the longest tour has its turn in `make faults`."""
OF_THE_LIBRARY = {
    "Container",
    "Horizontal",
    "Input",
    "Screen",
    "ScrollBar",
    "Static",
    "ToastHolder",
    "ToastRack",
    "Tooltip",
    "Vertical",
}
"""What may be painted besides ours: what holds others, and words of ours. `Toast` is fed by one door, in `app.py`."""


def painted(tmp_path: Path) -> set[str]:
    """The names of the classes that were painted."""
    return {line.rpartition(".")[2] for line in (tmp_path / "painted").read_text().split()}


@pytest.mark.parametrize("tour", TOURS)
async def test_nothing_anybody_wrote_acts(seeded: Seeded, tmp_path: Path, tour: str) -> None:
    visit, size = TOURS[tour]
    async with dashboard(seeded, tmp_path, size) as (hostile, screen):
        await visit.go(hostile, screen)
        assert await screen.end() == 0
    wrong = {place: found for place, said in screen.places.items() if (found := findings(said, allowed(hostile)))}
    assert wrong == {}
    assert {place for place, said in screen.places.items() if not markers_shown(said)} == BARE
    assert painted(tmp_path) >= visit.paints
    assert painted(tmp_path) <= set(classes()) | OF_THE_LIBRARY | {"Toast"}
    if visit is DAY:
        assert markers_shown(screen.written) >= MARKERS
        for shown in ("[IMPORTANT]zq", "[$primary]zq", "[@click=app.quit]", "[/]zq"):
            assert shown in text_of(screen.written)


@pytest.mark.parametrize("tour", CONTROLLED)
async def test_without_the_sanitiser_every_place_leaks(seeded: Seeded, tmp_path: Path, tour: str) -> None:
    """The control: the same tour finds something wrong wherever there is something to find."""
    visit, size = TOURS[tour]
    async with dashboard(seeded, tmp_path, size, UNSAFE) as (hostile, screen):
        await visit.go(hostile, screen)
    leaking = {place for place, said in screen.places.items() if findings(said, allowed(hostile))}
    assert set(screen.places) - leaking <= BARE


async def test_a_customers_words_in_a_fault_do_nothing(seeded: Seeded, tmp_path: Path) -> None:
    async with dashboard(seeded, tmp_path, (120, 36), "tests.hostile.crashing_dashboard") as (hostile, screen):
        await screen.sees("LIVE")
        await screen.press("p")
        assert await screen.end() == 1
    told = replace(allowed(hostile), c0=frozenset({BELL, "\r\n"}))
    assert findings(screen.written, told) == []
    assert "zq210x" in text_of(screen.written)


def test_every_screen_and_widget_there_is_is_toured() -> None:
    assert set(classes()) == {name for visit, _ in TOURS.values() for name in visit.paints}


def classes() -> Iterator[str]:
    """The screens and widgets of ours that are shown, by name: those nothing else is made from."""
    for module in pkgutil.walk_packages(mechtui.__path__, "mechtui."):
        if module.name.startswith(("mechtui.screens.", "mechtui.widgets.")):
            importlib.import_module(module.name)
    kinds = list(Widget.__subclasses__())
    while kinds:
        kind = kinds.pop()
        kinds += kind.__subclasses__()
        if kind.__module__.startswith("mechtui.") and not kind.__subclasses__():
            yield kind.__name__
