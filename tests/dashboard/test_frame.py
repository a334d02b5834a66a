"""Lean updates put on a terminal exactly what Textual's own would, and cost what they may."""

import re
from dataclasses import dataclass, field

from hypothesis import example, given
from hypothesis import strategies as st
from rich.cells import split_graphemes
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate
from textual.strip import Strip

from mechtui.formatting import Line, Piece
from mechtui.widgets.frame import LeanCompositor, LeanUpdate
from mechtui.widgets.painted import _cells, _differing, _stretches

from .support import Shop, request

WIDTH, HEIGHT = 24, 3
CONSOLE = Console(color_system="truecolor", force_terminal=True)
_PART = re.compile(
    r"\x1b\[(\d+);(\d+)H|\x1b\[([\d;]*)m|\x1b\]8;(?:id=[^;]*)?;([^\x1b]*)\x1b\\|(\n)|([^\x1b\n])", re.DOTALL
)

STYLES = st.builds(
    Style,
    color=st.sampled_from([None, "red", "#5fafff"]),
    bgcolor=st.sampled_from([None, "#121212", "white"]),
    bold=st.sampled_from([None, True]),
    underline=st.sampled_from([None, True]),
    link=st.sampled_from([None, "http://shop.test/video/1"]),
)
SEGMENT = st.builds(
    lambda text, style: Segment(text, style), st.text("ab ▌é", min_size=1, max_size=9), st.none() | STYLES
)
SEGMENTS = st.lists(SEGMENT, max_size=5)
LINES = st.lists(SEGMENTS.map(lambda found: Strip(found).adjust_cell_length(WIDTH)), min_size=HEIGHT, max_size=HEIGHT)


@dataclass
class Grid:
    """A terminal small enough to be believed: cells of text, look and link."""

    cells: dict[tuple[int, int], tuple[str, frozenset[str], str]] = field(default_factory=dict)
    look: dict[str, str] = field(default_factory=dict)

    def feed(self, data: str) -> None:
        x = y = 0
        link = ""
        for row, column, codes, url, newline, character in _PART.findall(data):
            if row:
                x, y = int(column) - 1, int(row) - 1
            elif character:
                self.cells[x, y] = (character, frozenset(self.look.values()), link)
                x += 1
            elif not newline and codes:
                self._set(codes.split(";"))
            elif not newline:
                link = url

    def _set(self, codes: list[str]) -> None:
        while codes:
            first, *codes = codes
            taken = {"2": 4, "5": 2}[codes[0]] if first in {"38", "48"} else 0
            code, codes = ";".join([first, *codes[:taken]]), codes[taken:]
            if first == "0":
                self.look.clear()
            else:
                kind = "text" if first[0] in "39" and len(first) == 2 else "behind" if len(first) > 1 else first
                self.look[kind] = code


def screen_after(
    update_type: type[ChopsUpdate], before: list[Strip], after: list[Strip], span: tuple[int, int]
) -> Grid:
    """The terminal once `after` was written over `before` in columns `span` of each line."""
    grid = Grid()
    for strips, (start, end) in ((before, (0, WIDTH)), (after, span)):
        spans = [(y, start, end) for y in range(HEIGHT)]
        update = update_type([{0: strip} for strip in strips], spans, [[WIDTH]] * HEIGHT)
        grid.feed(update.render_segments(CONSOLE))
    return grid


@given(LINES, LINES, st.integers(1, WIDTH))
def test_the_cells_are_those_that_textual_writes(before: list[Strip], after: list[Strip], end: int) -> None:
    lean, full = (screen_after(kind, before, after, (0, end)) for kind in (LeanUpdate, ChopsUpdate))
    assert lean.cells == full.cells
    assert lean.look == {}


@given(LINES, LINES, st.integers(0, WIDTH - 1), st.integers(1, WIDTH))
def test_nothing_is_written_outside_of_the_stretch(before: list[Strip], after: list[Strip], x: int, size: int) -> None:
    end = min(x + size, WIDTH)
    old, new, mixed = (
        screen_after(LeanUpdate, *strips).cells
        for strips in ((before, before, (0, WIDTH)), (before, after, (0, WIDTH)), (before, after, (x, end)))
    )
    assert mixed == {(c, y): (new if x <= c < end else old)[c, y] for c, y in old}


PIECES = st.builds(Piece, st.text("ab 陳\u0302é", max_size=8), st.sampled_from(["text", "urgent", "here"]))


LINE = st.lists(PIECES, max_size=4)


@given(LINE, LINE, LINE, LINE)
@example([Piece("a")], [Piece("b")], [Piece("\u0302b")], [])
def test_no_cell_that_differs_is_left_out(
    head: list[Piece], old: list[Piece], new: list[Piece], tail: list[Piece]
) -> None:
    before, after = (*head, *old, *tail), (*head, *new, *tail)
    stretches = _stretches(before, after, WIDTH)
    painted = {x for start, end in stretches for x in range(start, end)}
    was, now = shown(before), shown(after)
    assert {x for x in range(WIDTH) if was[x] != now[x]} <= painted
    assert stretches == _differing(_cells(before, WIDTH), _cells(after, WIDTH))


def shown(line: Line) -> list[tuple[str, str]]:
    """What a terminal shows in each cell of a line: text, and its own colours, or the tone where it can be seen."""
    cells: list[tuple[str, str]] = []
    for piece in line:
        for start, end, size in split_graphemes(piece.text)[0]:
            text = piece.text[start:end]
            tone = "" if text == " " and piece.tone != "here" else piece.tone
            cells += [(text, tone if piece.paint is None else str(piece.paint))] * size
    return (cells + [(" ", "")] * WIDTH)[:WIDTH]


async def size_of(shop: Shop, *keys: str, seconds: int = 0) -> int:
    """How many bytes it takes to tell a terminal of 120 × 36 what these keys, or so many seconds, changed."""
    async with shop.app.run_test(size=(120, 36)) as pilot:
        await shop.ready(pilot)
        compositor = shop.app.screen._compositor
        assert isinstance(compositor, LeanCompositor)
        sizes: list[int] = []
        render = compositor.render_partial_update

        def counted() -> ChopsUpdate | None:
            update = render()
            sizes.append(len(update.render_segments(CONSOLE).encode()) if update else 0)
            return update

        compositor.render_partial_update = counted  # type: ignore[method-assign]
        shop.time.forward(seconds)
        if seconds:
            shop.app._tick()
        await pilot.press(*keys)
        await pilot.pause()
        return sum(sizes)


MANY = tuple(request(f"r-{n:02}", f"Name {n}", "2018 Toyota Camry", f"noise {n}", waited=600 - n) for n in range(50))


async def test_a_second_costs_less_than_a_kilobyte() -> None:
    assert 0 < await size_of(Shop(*MANY), seconds=1) <= 1024


async def test_a_cursor_move_costs_few_bytes() -> None:
    shop = Shop(*MANY)
    shop.app.dashboard.preview_seconds = 60
    assert 0 < await size_of(shop, "down") <= 310
