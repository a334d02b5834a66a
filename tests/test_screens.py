"""Pictures of every screen and state, compared with those under `snapshots/`."""

from collections.abc import Callable

import pytest

from .dashboard.scenes import NAMES, stage

SMALL_TOO = ("incoming", "active live", "completed", "history", "intake", "hand-off", "state offline", "help")
LARGE_TOO = ("incoming", "incoming many", "active live", "history", "intake")
THEMED = ("incoming", "active live", "intake", "state offline", "hand-off")

CASES = [
    *((name, size, "dark") for name in NAMES for size in ((80, 24), (120, 36))),
    *((name, (60, 20), "dark") for name in SMALL_TOO),
    *((name, (200, 50), "dark") for name in LARGE_TOO),
    *((name, (80, 24), theme) for name in THEMED for theme in ("light", "high-contrast", "colour-blind")),
]


def case_id(case: tuple[str, tuple[int, int], str]) -> str:
    name, (width, height), theme = case
    return "-".join([name.replace(" ", "_"), f"{width}x{height}", *([theme] if theme != "dark" else [])])


@pytest.mark.parametrize("case", CASES, ids=case_id)
def test_screen(case: tuple[str, tuple[int, int], str], snap_compare: Callable[..., bool]) -> None:
    name, size, theme = case
    scene = stage(name, theme)
    assert snap_compare(scene.app, terminal_size=size, run_before=scene.prepare)


@pytest.mark.parametrize("name", THEMED, ids=lambda name: name.replace(" ", "_"))
def test_screen_without_colour(name: str, snap_compare: Callable[..., bool], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    scene = stage(name)
    assert scene.app.no_color
    assert snap_compare(scene.app, terminal_size=(80, 24), run_before=scene.prepare)
