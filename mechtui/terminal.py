"""What the dashboard does to the terminal and the desktop besides painting: pages, bell, the environment.

Nothing here ever asks the terminal anything: a late answer would be read as typed keys.
"""

import os
import select
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, MutableMapping

BURST_SECONDS = 3.0
"""However many requests come, the bell rings at most once in this time."""
LARGEST = (600, 200)
"""Columns and lines. No screen shows more legibly, and a terminal that says 65535 would cost gigabytes."""


def prepare_environment(environ: MutableMapping[str, str]) -> None:
    """Set what Textual reads when it is imported; what the user has set stays.

    A lone Escape is told from the start of a sequence by waiting: 25 ms is enough, and 100 would be felt. A key that
    paints twice waits a frame between: 4 ms instead of 17, for nothing is animated. Over SSH the Kitty keyboard
    protocol costs text from input methods and gives nothing that is bound here.
    """
    environ.setdefault("ESCDELAY", "50" if is_remote(environ) else "25")
    environ.setdefault("TEXTUAL_ANIMATIONS", "none")
    environ.setdefault("TEXTUAL_FPS", "30" if is_remote(environ) else "240")
    if is_remote(environ):
        environ.setdefault("TEXTUAL_DISABLE_KITTY_KEY", "1")
        environ.setdefault("TEXTUAL_SMOOTH_SCROLL", "0")


def is_remote(environ: Mapping[str, str]) -> bool:
    """Whether the terminal is at the other end of an SSH line."""
    return bool(environ.get("SSH_CONNECTION") or environ.get("SSH_TTY") or environ.get("MECHTUI_REMOTE"))


def draws_ascii_only(environ: Mapping[str, str]) -> bool:
    """Whether the terminal's font is known to lack the characters that bars are drawn with."""
    return environ.get("TERM") in {"linux", "dumb", "vt100"}


def drawable(columns: int, lines: int) -> tuple[int, int]:
    """The size to draw in, where a terminal says that it has another."""
    return min(columns, LARGEST[0]), min(lines, LARGEST[1])


def hung_up(descriptor: int) -> bool:
    """Whether the terminal behind a descriptor is gone."""
    if not os.isatty(descriptor):
        return True
    watcher = select.poll()
    watcher.register(descriptor, select.POLLHUP)
    return any(events & (select.POLLHUP | select.POLLERR | select.POLLNVAL) for _, events in watcher.poll(0))


class Opener:
    """Opens pages in the browser of the desktop in front of the mechanic, where there is one.

    Never over SSH, where the browser would be on the wrong machine, and never without a desktop, where a text browser
    would draw over the dashboard.
    """

    def __init__(self, command: tuple[str, ...]) -> None:
        self._command = command
        self._children: list[subprocess.Popen[bytes]] = []

    @property
    def can_open(self) -> bool:
        """Whether there is a browser to open pages in."""
        return bool(self._command)

    def open(self, url: str) -> bool:
        """Open a page; whether that was begun. `url` must be a checked address."""
        self._children = [child for child in self._children if child.poll() is None]
        if not self._command:
            return False
        try:
            child = subprocess.Popen(
                [*self._command, url],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError:
            return False
        self._children.append(child)
        return True


def desktop_opener(environ: Mapping[str, str] = os.environ, platform: str = sys.platform) -> Opener:
    """The opener of this desktop; one that opens nothing where there is none."""
    if is_remote(environ):
        return Opener(())
    if platform == "darwin":
        return Opener(("open",))
    has_desktop = environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY")
    return Opener(("xdg-open",)) if has_desktop and shutil.which("xdg-open", path=environ.get("PATH")) else Opener(())


class Title:
    """The title of the terminal's window; what it was before comes back at the end. `write` reaches the terminal."""

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write
        self._shown = ""

    def show(self, words: str) -> None:
        """Show another title, unless it is the same. The words must be safe."""
        if words == self._shown:
            return
        saved = "" if self._shown else "\x1b[22;2t"
        self._shown = words
        self._write(f"{saved}\x1b]2;{words}\x07")

    def restore(self) -> None:
        """Show again what was shown before."""
        if self._shown:
            self._write("\x1b[23;2t")
            self._shown = ""


class Bell:
    """Rings for a new request, twice for an urgent one, and not again before a burst is over.

    `ring` sounds the terminal's bell, `later` calls something after so many seconds.
    """

    def __init__(
        self,
        ring: Callable[[], None],
        later: Callable[[float, Callable[[], None]], object],
        steady: Callable[[], float],
    ) -> None:
        self._ring = ring
        self._later = later
        self._steady = steady
        self._rang_at = float("-inf")

    def announce(self, *, urgent: bool) -> None:
        """A request has come."""
        if self._steady() - self._rang_at < BURST_SECONDS:
            return
        self._rang_at = self._steady()
        self._ring()
        if urgent:
            self._later(0.3, self._ring)
