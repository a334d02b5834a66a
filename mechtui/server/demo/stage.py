"""The real dashboard without a terminal: keys go in, the screen comes out as text."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from textual.pilot import Pilot

from mechtui.api_client import MechanicClient
from mechtui.app import MechtuiApp, kept_by
from mechtui.config import ClientSettings
from mechtui.feed import Feed
from mechtui.journal import Journal
from mechtui.replica import Replica
from mechtui.terminal import Opener

SIZE = (80, 24)
PATIENCE_SECONDS = 15.0
"""Far longer than anything on the screen may take, on a slow machine, too."""
_LOOK_SECONDS = 0.03
_CURSOR = "▌"
_CLOCK = re.compile(r"(\d+):(\d\d) of \d")


class NotSeenError(Exception):
    """The screen did not show in time what it should; the message says what was awaited."""


class Stage:
    """One dashboard and whoever presses its keys."""

    def __init__(self, app: MechtuiApp, pilot: Pilot[int]) -> None:
        self._app = app
        self._pilot = pilot

    def lines(self) -> list[str]:
        """The screen as it is painted now, row by row."""
        strips = self._app.screen._compositor.render_strips()
        return ["".join(segment.text for segment in strip).rstrip() for strip in strips]

    async def press(self, *keys: str) -> None:
        """Press keys, one after the other."""
        await self._pilot.press(*keys)

    async def sees(self, *words: str) -> None:
        """Wait until all of these are on the screen. Raises `NotSeenError`."""
        await self._until(lambda text: all(word in text for word in words), f"the screen to show {_listed(words)}")

    async def has_cursor_on(self, words: str) -> None:
        """Wait until the row with the cursor says this: what keys act on. Raises `NotSeenError`."""
        await self._until(
            lambda text: any(line.startswith(_CURSOR) and words in line for line in text.split("\n")),
            f"the cursor to be on the row of {words!r}",
        )

    async def sees_clock_past(self, seconds: int) -> None:
        """Wait until a session's running clock shows more than so many seconds. Raises `NotSeenError`."""
        await self._until(
            lambda text: any(int(m) * 60 + int(s) > seconds for m, s in _CLOCK.findall(text)),
            f"a running clock to pass {seconds} s",
        )

    async def no_longer_sees(self, words: str) -> None:
        """Wait until these are gone from the screen. Raises `NotSeenError`."""
        await self._until(lambda text: words not in text, f"the screen not to show {words!r} any more")

    async def _until(self, holds: Callable[[str], bool], awaited: str) -> None:
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                while not holds("\n".join(self.lines())):
                    await self._pilot.pause(_LOOK_SECONDS)
        except TimeoutError:
            raise NotSeenError(f"waited {PATIENCE_SECONDS:.0f} s for {awaited}") from None


def _listed(words: tuple[str, ...]) -> str:
    return " and ".join(repr(word) for word in words)


@asynccontextmanager
async def dashboard(settings: ClientSettings) -> AsyncIterator[Stage]:
    """A dashboard with the real client and the real feed, in a window of 80×24 and without a browser."""
    client = MechanicClient(settings.server, settings.token, journal=Journal(settings.journal))
    feed = Feed(settings.server, settings.token, Replica(), client.snapshot)
    app = MechtuiApp(client, feed, keeps=kept_by(settings), opener=Opener(()))
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        yield Stage(app, pilot)
