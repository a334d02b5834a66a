"""A program in a real pty, driven by keys; every byte it writes is kept, by the place looked at."""

import asyncio
import fcntl
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
import unicodedata
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pyte
from pyte.screens import wcwidth

from mechtui.terminal import LARGEST
from tests.hostile.judge import whole

ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 120.0
"""Only there to end a test that hangs."""
QUIET_SECONDS = 0.06
"""A program that sleeps has said all when nothing came for so long; its clocks tick once a second."""
ILLEGIBLE_SECONDS = 0.25
"""The same where only that can be waited for."""
PAGES = 30
"""More than any text of the tests has."""
_BYTES_AT_ONCE = 32
"""So many come at once over a slow line."""
LOADING = "Loading ..."
"""Stands where something is not there yet: a key would find nothing to do."""
KEYS = {"enter": "\r", "escape": "\x1b", "down": "\x1b[B", "page down": "\x1b[6~", "ctrl+p": "\x10", "ctrl+c": "\x03"}


class Screen(pyte.Screen):
    """The emulator's screen. By itself it shows nothing that comes after a sign without width that is no accent."""

    def draw(self, data: str) -> None:
        """Put this where the cursor is; such signs are left out."""
        super().draw("".join(sign for sign in data if wcwidth(sign) > 0 or unicodedata.combining(sign)))


class Terminal:
    """A pty and all that was written to it. Without `legible` nobody can tell from it what is on the screen."""

    def __init__(self, descriptor: int, process: subprocess.Popen[bytes], screen: Screen, *, legible: bool) -> None:
        self.process = process
        self.legible = legible
        self.screen = screen
        self._emulator = pyte.ByteStream(screen)
        self.written = b""
        self._shown: list[str] = []
        self._descriptor = descriptor
        self._places = [("start", 0)]
        self._came = asyncio.Event()
        self._ended = False
        self._pressed_at = 0
        self._at_once, self._pause = 1 << 16, 0.0
        self._resumed: asyncio.TimerHandle | None = None
        asyncio.get_running_loop().add_reader(descriptor, self._read)

    def at(self, place: str) -> None:
        """From now on what is written belongs to this place."""
        self._shown.clear()
        self._places.append((place, len(self.written)))

    @property
    def places(self) -> dict[str, bytes]:
        """What was written, by place. What was half written when the place was left still belongs to it."""
        starts = whole(self.written, [start for _, start in self._places])
        ends = [*starts[1:], len(self.written)]
        names = [place for place, _ in self._places]
        return {place: self.written[start:end] for place, start, end in zip(names, starts, ends, strict=True)}

    async def press(self, *keys: str, until: str = "") -> None:
        """Press keys, each when what the one before it asked for is there; then wait until the screen says `until`."""
        for key in keys:
            self._begun()
            os.write(self._descriptor, KEYS.get(key, key).encode())
            await self.quiet()
            if self.legible and LOADING in self.text:
                await self.gone(LOADING)
        if until:
            await self.sees(until)

    async def send(self, typed: bytes) -> None:
        """What a terminal sends, however long, as fast as it is taken. Raises `OSError` when the program has ended."""
        self._begun()
        await self.type(typed)
        await self.quiet()

    async def type(self, typed: bytes) -> None:
        """`send`, without waiting for what comes of it."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while typed:
                await self._writable()
                typed = typed[os.write(self._descriptor, typed[:1024]) :]

    def resize(self, columns: int, lines: int) -> None:
        """Make the window another size, and say so, as a terminal does; sizes there are none of, too."""
        self._begun()
        fcntl.ioctl(self._descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self.process.send_signal(signal.SIGWINCH)
        self.screen.resize(min(lines, LARGEST[1]), min(columns, LARGEST[0]))

    async def hold(self, meanwhile: Callable[[], Awaitable[None]]) -> None:
        """Read nothing of what is written, as a terminal at the end of a line that stalls, until this is done."""
        loop = asyncio.get_running_loop()
        loop.remove_reader(self._descriptor)
        await meanwhile()
        loop.add_reader(self._descriptor, self._read)

    def slow_down(self, bytes_a_second: int) -> None:
        """From now on read no faster than this, as at the end of a slow line."""
        self._at_once, self._pause = _BYTES_AT_ONCE, _BYTES_AT_ONCE / bytes_a_second

    def close(self) -> None:
        """Read nothing any more."""
        asyncio.get_running_loop().remove_reader(self._descriptor)
        if self._resumed is not None:
            self._resumed.cancel()

    async def _writable(self) -> None:
        """Wait until the program has read so much that more can be sent."""
        loop, able = asyncio.get_running_loop(), asyncio.Event()
        loop.add_writer(self._descriptor, able.set)
        try:
            await able.wait()
        finally:
            loop.remove_writer(self._descriptor)

    async def page_to(self, words: str) -> None:
        """Read on, page by page, to these words; where the screen is not legible, to the end."""
        for _ in range(PAGES):
            page = self.text
            if self.legible and words in page:
                return
            await self.press("page down")
            if self.legible:
                await self.until(partial(_turned, page), f"{words!r} is on no page")

    async def leave(self, words: str) -> None:
        """Close the panel that shows these words."""
        await self.press("escape")
        await self.gone(words)

    async def gone(self, words: str) -> None:
        """Wait until the screen shows these words no longer, as those of a toast."""
        await self.until(lambda text: words not in text, f"{words!r} stayed")

    async def sees(self, words: str) -> None:
        """Wait until the screen has shown these words since the last key; a toast may have come and gone meanwhile."""
        await self.until(lambda _: self.has_shown(words), f"{words!r} never came")

    def has_shown(self, words: str) -> bool:
        """Whether the screen shows these words, or has done so since the last key."""
        return any(words in text for text in (self.text, *self._shown))

    async def writes(self, words: str) -> None:
        """Wait until these words were written in this place, whatever can be seen of them."""
        start = self._places[-1][1]
        async with asyncio.timeout(PATIENCE_SECONDS):
            while words.encode() not in self.written[start:]:
                await self._next()
        await self.quiet()

    async def until(self, holds: Callable[[str], bool], failure: str) -> None:
        """Wait until this holds for the screen and nothing more comes; where it is not legible, for any answer."""

        def answered() -> bool:
            return holds(self.text) if self.legible else len(self.written) > self._pressed_at

        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                while not answered():
                    assert not self._ended, self.written[-500:]
                    await self._next()
        except TimeoutError:
            print("WRITTEN", ascii(self.written[self._places[-1][1] :])[:6000])
            raise AssertionError(f"{failure}\n{self.text}") from None
        await self.quiet(QUIET_SECONDS if self.legible else ILLEGIBLE_SECONDS)

    async def quiet(self, seconds: float = QUIET_SECONDS) -> None:
        """Wait until nothing comes and the program has nothing to do: one that waits its turn is silent, too."""
        while not self._ended:
            try:
                async with asyncio.timeout(seconds):
                    await self._next()
            except TimeoutError:
                if not _works(self.process.pid):
                    return

    async def end(self) -> int:
        """Wait for the program's end; its exit code."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not self._ended:
                await self._next()
            return await asyncio.to_thread(self.process.wait)

    @property
    def text(self) -> str:
        """The screen as text. Its `display` does not bear half of a wide character, as a frame cut short leaves it."""
        screen = self.screen
        lines = ("".join(screen.buffer[y][x].data for x in range(screen.columns)) for y in range(screen.lines))
        return "\n".join(lines)

    def _begun(self) -> None:
        """From now on what comes is an answer to what is done now."""
        self._pressed_at = len(self.written)
        self._shown.clear()

    async def _next(self) -> None:
        self._came.clear()
        await self._came.wait()

    def _read(self) -> None:
        try:
            chunk = os.read(self._descriptor, self._at_once)
        except OSError:  # the program has closed its end
            chunk = b""
        loop = asyncio.get_running_loop()
        if not chunk:
            self._ended = True
            loop.remove_reader(self._descriptor)
        elif self._pause:
            loop.remove_reader(self._descriptor)
            self._resumed = loop.call_later(self._pause, loop.add_reader, self._descriptor, self._read)
        self.written += chunk
        if self.legible:
            self._emulator.feed(chunk)
            self._shown.append(self.text)
        self._came.set()


@asynccontextmanager
async def terminal(
    module: str,
    arguments: Sequence[str],
    environ: dict[str, str],
    size: tuple[int, int] = (80, 24),
    *,
    legible: bool = True,
) -> AsyncIterator[Terminal]:
    """`python -m module arguments` in a pty of so many columns and rows, ended when the block ends."""
    mine, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (size[1], size[0]))
    process = _start(
        [sys.executable, "-m", module, *arguments], os.environ | {"TERM": "xterm-256color"} | environ, theirs
    )
    os.close(theirs)
    screen = Terminal(mine, process, Screen(*size), legible=legible)
    try:
        yield screen
    finally:
        screen.close()
        process.kill()
        await asyncio.to_thread(process.wait)
        os.close(mine)


def _start(command: list[str], environ: dict[str, str], terminal: int) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        command, stdin=terminal, stdout=terminal, stderr=terminal, env=environ, cwd=ROOT, start_new_session=True
    )


def _turned(before: str, now: str) -> bool:
    """Whether a panel shows another page: it says how many lines are below."""
    below = re.compile(r"↓ \d+ more")
    return below.findall(before) != below.findall(now)


def _works(process: int) -> bool:
    """Whether a thread of it runs or would run; never, where the system does not say."""
    states = (_state(path) for path in Path(f"/proc/{process}/task").glob("*/stat"))
    return any(state in {"R", "D"} for state in states)


def _state(stat: Path) -> str:
    """The state of a thread, as `ps` names it; none if it has ended just now."""
    try:
        return stat.read_text().rpartition(") ")[2][:1]
    except (FileNotFoundError, ProcessLookupError):
        return ""
