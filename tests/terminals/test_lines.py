"""Windows that change their size without end, and lines that stall."""

import asyncio
import random
import re
from itertools import chain, cycle, islice
from pathlib import Path

import pyte
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from rich.segment import Segment
from textual.geometry import Region
from textual.strip import Strip

from mechtui.widgets.frame import LeanLayout, LeanUpdate
from tests.hostile.terminal import Screen
from tests.terminals.support import Seat, seated
from tests.terminals.test_typing import peak_megabytes

SIZES = ((1, 1), (2, 2), (39, 11), (80, 24), (1, 200), (300, 1), (65535, 65535), (600, 200), (120, 36), (0, 0))
MANY = 300
STALLED_NEWS = 50
PATIENCE_SECONDS = 120.0
"""Only there to end a test that hangs."""
MOST_MEGABYTES = 150
"""More than the largest screen costs, and far less than one as large as was said."""


async def test_a_storm_of_sizes_ends_with_the_last_one(tmp_path: Path) -> None:
    async with seated(tmp_path) as seat:
        seat.screen.legible = False  # until its emulator and what is painted are of one size again
        before = peak_megabytes(seat.screen.process.pid)
        rolled = ((random.Random(n).randint(1, 250), random.Random(-n).randint(1, 80)) for n in range(MANY))
        for columns, lines in chain(islice(cycle(SIZES), MANY), rolled):
            seat.screen.resize(max(1, columns), max(1, lines))
        seat.screen.resize(100, 30)
        await seat.screen.quiet(0.5)
        seat.screen.legible = True
        seat.screen.resize(101, 30)
        await seat.screen.sees("─" * 101)
        seat.screen.at("the largest")
        seat.screen.resize(65535, 65535)
        await seat.screen.sees("─" * 600)
        assert lowest_line(seat.screen.places["the largest"]) == 200
        await seat.screen.press("a", until="Accepted: it is yours")
        assert peak_megabytes(seat.screen.process.pid) - before < MOST_MEGABYTES


async def test_of_two_sizes_at_once_the_last_is_taken(tmp_path: Path) -> None:
    async with seated(tmp_path, "tests.terminals.hesitant_dashboard", (100, 30)) as seat:
        seat.screen.resize(1, 1)
        await asyncio.sleep(0.1)
        seat.screen.resize(100, 30)
        await seat.screen.sees("It stalls.")


def lowest_line(said: bytes) -> int:
    """The lowest line that was written to."""
    return max(int(line) for line in re.findall(rb"\x1b\[(\d+);\d+H", said))


async def test_a_terminal_that_takes_nothing_for_a_while_catches_up(tmp_path: Path) -> None:
    async with seated(tmp_path, SSH_TTY="/dev/pts/1") as seat:

        async def meanwhile() -> None:
            await seat.screen.type(b"jk" * 200)
            for number in range(20):
                await seat.shop.submit(concern=f"Noise {number}")

        await seat.screen.hold(meanwhile)
        await seat.screen.sees("Incoming Requests 21")
        await seat.screen.sees("LIVE")
        await seat.screen.press("a", until="Accepted: it is yours")


async def test_keys_and_news_are_heard_while_the_terminal_takes_nothing(tmp_path: Path) -> None:
    """More of both than Textual keeps in a row for it; news has a bell and another title."""
    async with seated(tmp_path, SSH_TTY="/dev/pts/1") as seat:

        async def meanwhile() -> None:
            for number in range(STALLED_NEWS):
                await seat.shop.submit(concern=f"Noise {number}")
                await seat.screen.type(b"?q")
            await seat.screen.type(b"a")
            await accepted(seat)

        await seat.screen.hold(meanwhile)
        await seat.screen.sees("Accepted: it is yours")
        await seat.screen.writes(f"({STALLED_NEWS}) mechtui")


async def accepted(seat: Seat) -> None:
    """Wait until the request in the list is accepted, as the backend says."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while await seat.status() == "pending":  # noqa: ASYNC110 - the backend is asked
            await asyncio.sleep(0.1)


TOUR = (*"?jk", "escape", "5", "escape", "enter", "page down", "escape", *"2341a", "enter")
COMES_LATER = {"5": "they waited", "a": "Accepted: it is yours", "enter": "It stalls."}
"""What the backend is asked for first."""


async def test_nothing_is_left_out_that_is_not_there_already(tmp_path: Path) -> None:
    """After each key Ctrl+L paints all anew: nothing but clocks may differ then."""
    async with seated(tmp_path, size=(100, 30), SSH_TTY="/dev/pts/1") as seat:
        for key in TOUR:
            await seat.screen.press(key, until=COMES_LATER.get(key, ""))
            await seat.screen.quiet(0.3)
            partly = looks(seat.screen.screen)
            await seat.screen.press("\x0c")
            assert looks(seat.screen.screen) == partly, f"after {key!r}:\n{seat.screen.text}"
        seat.screen.resize(1, 1)
        seat.screen.resize(100, 30)
        await seat.screen.sees("It stalls.")


WIDTH, HEIGHT = 12, 3
words = st.text(st.sampled_from("ab 漢"), min_size=1, max_size=WIDTH // 2)


@given(st.lists(st.one_of(st.lists(words, min_size=HEIGHT, max_size=HEIGHT), st.tuples(st.integers(0, 2), words))))
def test_what_is_written_is_what_should_be_there(changes: list[list[str] | tuple[int, str]]) -> None:
    """All lines, or one of them, painted over and over: a terminal that is told only what is new shows the same."""
    console, screen = Console(color_system="truecolor"), pyte.Screen(WIDTH, HEIGHT)
    stream, wanted = pyte.Stream(screen), [""] * HEIGHT
    for change in changes:
        if isinstance(change, tuple):
            wanted[change[0]] = change[1]
            stream.feed(one_painted(*change, console))
        else:
            wanted = list(change)
            stream.feed(
                LeanLayout([[strip(text)] for text in wanted], Region(0, 0, WIDTH, HEIGHT)).render_segments(console)
            )
        assert [line.rstrip() for line in screen.display] == [text.rstrip() for text in wanted]


@pytest.mark.parametrize("sign", ["\U0001f44d\U0001f3fd", "\U0001f1e9\U0001f1ea"], ids=["skin", "flag"])
def test_a_sign_terminals_have_different_widths_for_moves_nothing_after_it(sign: str) -> None:
    """The emulator takes four columns for each, many terminals two."""
    console, screen = Console(color_system="truecolor"), Screen(WIDTH, HEIGHT)
    stream = pyte.Stream(screen)
    stream.feed(all_painted(["=" * WIDTH] * HEIGHT, console))
    stream.feed(one_painted(1, f"a {sign}{sign}bcd", console))
    cells = [screen.buffer[1][x].data for x in range(WIDTH)]
    assert ("".join(cells[:2]), "".join(cells[6:])) == ("a ", "bcd   ")


def all_painted(lines: list[str], console: Console) -> str:
    return LeanLayout([[strip(text)] for text in lines], Region(0, 0, WIDTH, HEIGHT)).render_segments(console)


def one_painted(y: int, text: str, console: Console) -> str:
    chops = [{0: strip(text) if line == y else None} for line in range(HEIGHT)]
    return LeanUpdate(chops, [(y, 0, WIDTH)], [[WIDTH]] * HEIGHT).render_segments(console)


def strip(text: str) -> Strip:
    return Strip([Segment(text)]).adjust_cell_length(WIDTH)


def looks(screen: pyte.Screen) -> list[list[tuple[str, ...]]]:
    """Each cell with its colours, digits all alike."""
    return [[_look(screen.buffer[y][x]) for x in range(screen.columns)] for y in range(screen.lines)]


def _look(cell: pyte.screens.Char) -> tuple[str, ...]:
    """Of a space only what is behind it is seen."""
    text = "0" if cell.data.isdigit() else cell.data
    return (" ", cell.bg) if text == " " else (text, cell.fg, cell.bg, str(cell.bold))
