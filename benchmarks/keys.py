"""From a key to the last changed cell on the terminal, beside a list of the same rows in bare curses."""

import sys
from collections.abc import Iterable
from itertools import chain, repeat

from benchmarks.dashboard import ROWS_SHOWN, dashboard, shop_with_backend
from benchmarks.shop import environ
from benchmarks.table import Row, percentile
from benchmarks.terminal import Burst, Terminal, terminal

_STEPS = 9
"""So many rows down and up again: the cursor moves, the list does not scroll."""

_BARE_CURSES = """
import curses

def main(screen):
    curses.curs_set(0)
    height, width = screen.getmaxyx()
    rows = [f"{n:3} a row of text as long as the screen is wide, or nearly so".ljust(width - 2) for n in range(50)]
    place = top = 0
    while True:
        for y in range(height - 1):
            screen.addstr(y, 0, rows[top + y], curses.A_REVERSE if top + y == place else 0)
        key = screen.getch()
        place = min(max(place + (key == ord("j")) - (key == ord("k")), 0), len(rows) - 1)
        top = min(max(top, place - height + 2), place)

curses.wrapper(main)
"""


def measure(rounds: int = 8) -> list[Row]:
    """Cursor moves inside the page, then moves that scroll it."""
    with shop_with_backend(open_requests=50) as (shop, backend, mechanic):
        with dashboard(shop, backend, mechanic) as screen:
            screen.until(ROWS_SHOWN)
            screen.rest(1.0)
            moves, scrolls = _moves(screen, rounds), _scrolls(screen)
        with terminal([sys.executable, "-c", _BARE_CURSES], environ(shop)) as screen:
            screen.rest(1.0)
            bare = _moves(screen, rounds)
    return [
        Row(
            "key → changed cells, cursor move, p50",
            _ms(moves, 50),
            "ms",
            3,
            beside=f"bare curses {_ms(bare, 50):.1f} ms",
        ),
        Row(
            "key → changed cells, cursor move, p95",
            _ms(moves, 95),
            "ms",
            6,
            beside=f"bare curses {_ms(bare, 95):.1f} ms",
        ),
        Row("bytes of a cursor move, p50", _bytes(moves), "B", 310, beside=f"bare curses {_bytes(bare):.0f} B"),
        Row("key → changed cells, list scrolls, p50", _ms(scrolls, 50), "ms"),
        Row("bytes when the list scrolls, p50", _bytes(scrolls), "B"),
    ]


def _moves(screen: Terminal, rounds: int) -> list[Burst]:
    keys: Iterable[str] = chain.from_iterable(repeat("j" * _STEPS + "k" * _STEPS, rounds))
    return [screen.press(key) for key in keys]


def _scrolls(screen: Terminal) -> list[Burst]:
    for _ in range(22):
        screen.press("j")
    return [screen.press("j") for _ in range(20)]


def _ms(bursts: list[Burst], percent: int) -> float:
    return percentile([burst.seconds * 1000 for burst in bursts], percent)


def _bytes(bursts: list[Burst]) -> float:
    return percentile([float(burst.size) for burst in bursts], 50)
