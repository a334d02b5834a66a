"""What is waited for on a screen is seen there: whatever stands before it, and however soon it goes."""

import asyncio
import os
import pty
import subprocess
import sys
import tty
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pyte
import pytest

from tests.hostile.terminal import LOADING, Screen, Terminal

CLEAR = "\x1b[2J\x1b[H"


@pytest.mark.parametrize("sign", ["\u20dd", "\u0489", "\u0301", "\u0e49", "\u200d", "\ufe0f"])
def test_what_comes_after_a_sign_without_width_is_seen(sign: str) -> None:
    screen = Screen(10, 1)
    pyte.ByteStream(screen).feed(f"a{sign}bc\N{CJK UNIFIED IDEOGRAPH-6F22}d".encode())
    assert screen.display[0].rstrip().replace(sign, "") in {"abc\u6f22d", "\u00e1bc\u6f22d"}


@asynccontextmanager
async def at_a_terminal(program: Callable[[int], None]) -> AsyncIterator[Terminal]:
    """A terminal whose program is called with its end of the line whenever something is typed."""
    mine, theirs = pty.openpty()
    tty.setraw(theirs)
    ended = subprocess.Popen([sys.executable, "-c", ""])  # noqa: ASYNC220 - ended before anything is waited for
    ended.wait()
    loop = asyncio.get_running_loop()
    loop.add_reader(theirs, program, theirs)
    try:
        yield Terminal(mine, ended, Screen(80, 24), legible=True)
    finally:
        for descriptor in (mine, theirs):
            loop.remove_reader(descriptor)
            os.close(descriptor)


async def test_a_toast_that_went_before_it_was_looked_for_was_seen() -> None:
    def says_it_and_takes_it_back(line: int) -> None:
        os.read(line, 100)
        os.write(line, b"Saved")
        asyncio.get_running_loop().call_later(0.01, os.write, line, CLEAR.encode())

    async with at_a_terminal(says_it_and_takes_it_back) as terminal:
        await terminal.press("a")
        assert "Saved" not in terminal.text
        await terminal.sees("Saved")
        terminal.at("another place")
        await terminal.gone("Saved")
        assert not terminal.has_shown("Saved")


async def test_the_next_key_waits_for_what_the_last_one_asked_for() -> None:
    typed: list[bytes] = []

    def answers_late(line: int) -> None:
        typed.append(os.read(line, 100))
        os.write(line, LOADING.encode())
        asyncio.get_running_loop().call_later(0.3, answers, line)

    def answers(line: int) -> None:
        typed.append(b"there")
        os.write(line, CLEAR.encode())

    async with at_a_terminal(answers_late) as terminal:
        await terminal.press("a", "b")
    assert typed == [b"a", b"there", b"b", b"there"]
