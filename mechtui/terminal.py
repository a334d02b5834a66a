"""What the dashboard knows of the terminal and does to it and the desktop besides painting: pages, bell, clipboard.

Nothing here ever asks the terminal anything: a late answer would be read as typed keys.
"""

import base64
import os
import select
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, MutableMapping
from enum import Enum, auto

from mechtui.environ import for_others

BURST_SECONDS = 3.0
"""However many requests come, the bell rings at most once in this time."""
SCREEN_BYTES = 512
"""GNU screen 4 keeps 768 bytes of a sequence, and prints the rest of a longer one."""
LARGEST = (600, 200)
"""Columns and lines. No screen shows more legibly, and a terminal that says 65535 would cost gigabytes."""


def prepare_environment(environ: MutableMapping[str, str]) -> None:
    """Set what Textual reads when it is imported; what the user has set stays.

    A lone Escape is told from the start of a sequence by waiting: 25 ms is enough, and 100 would be felt. A key that
    paints twice waits a frame between: 4 ms instead of 17, for nothing is animated. Over SSH the Kitty keyboard
    protocol costs text from input methods and gives nothing that is bound here. What says that true colours can be
    had is of the terminal around GNU screen, which reads them as dim, bold and inverse.
    """
    environ.setdefault("ESCDELAY", "50" if is_remote(environ) else "25")
    environ.setdefault("TEXTUAL_ANIMATIONS", "none")
    environ.setdefault("TEXTUAL_FPS", "30" if is_remote(environ) else "240")
    if is_remote(environ) or not is_modern(environ):
        environ.setdefault("TEXTUAL_DISABLE_KITTY_KEY", "1")
        environ.setdefault("TEXTUAL_SMOOTH_SCROLL", "0")
    if (environ.get("TERM", "").startswith("screen") and not environ.get("TMUX")) or not is_modern(environ):
        environ.pop("COLORTERM", None)
    if environ.get("TERM") == "unknown":
        environ.setdefault("TEXTUAL_COLOR_SYSTEM", "standard")  # else it would be taken to know every colour


def is_remote(environ: Mapping[str, str]) -> bool:
    """Whether the terminal is at the other end of an SSH line."""
    return bool(environ.get("SSH_CONNECTION") or environ.get("SSH_TTY") or environ.get("MECHTUI_REMOTE"))


class Glyphs(Enum):
    """Which characters a terminal can show."""

    ALL = auto()
    CONSOLE = auto()
    """Those of the fonts of a Linux console: lines and letters, but next to no blocks."""
    ASCII = auto()


def glyphs_of(environ: Mapping[str, str]) -> Glyphs:
    """What the terminal can show, as far as kind and language say so."""
    if _is_of_old(environ) or not _speaks_utf8(environ):
        return Glyphs.ASCII
    return Glyphs.CONSOLE if environ.get("TERM") == "linux" else Glyphs.ALL


def is_modern(environ: Mapping[str, str]) -> bool:
    """Whether what has come up since the nineties may be tried: others print part of a question they do not know."""
    return not _is_of_old(environ) and environ.get("TERM") != "linux"


def has_colours(environ: Mapping[str, str]) -> bool:
    """Whether the terminal knows any colour."""
    return not _is_of_old(environ)


SHOWS_NOTHING = (
    "a terminal of the kind 'dumb' cannot show the dashboard; set TERM to what yours is, like xterm-256color"
)


def shows_nothing(environ: Mapping[str, str]) -> bool:
    """Whether the terminal says of itself that it can only print line after line."""
    return environ.get("TERM") == "dumb"


def _is_of_old(environ: Mapping[str, str]) -> bool:
    return environ.get("TERM", "").startswith("vt")


def _speaks_utf8(environ: Mapping[str, str]) -> bool:
    """Whether text may be UTF-8: unless the language says otherwise. Where nothing is said, most terminals do.

    Python itself sets `LC_CTYPE=C.UTF-8` where it finds `LANG=C` (PEP 538): that says nothing of the terminal.
    """
    own = {"LC_CTYPE": ""} if environ.get("LC_CTYPE") == "C.UTF-8" and environ.get("LANG") else {}
    said = next((value for name in ("LC_ALL", "LC_CTYPE", "LANG") if (value := (dict(environ) | own).get(name))), "")
    _, _, codeset = said.partition("@")[0].partition(".")
    return codeset.lower().replace("-", "") == "utf8" if codeset else said not in {"C", "POSIX"}


def has_clipboard(environ: Mapping[str, str]) -> bool:
    """Whether the terminal may have a clipboard. None says so, and one that has none drops what is sent to it."""
    return is_modern(environ)


def clipboard_writes(text: str, environ: Mapping[str, str]) -> str:
    """What sends a text to the clipboard of the terminal (OSC 52), through tmux or GNU screen where one is between.

    tmux takes it for itself with `set-clipboard on`, and lets it pass wrapped with `allow-passthrough on`; both are
    tried, since the same text twice does no harm. screen lets pass what is wrapped, if it is not too long at once.
    Where TERM says `screen` it may be either: tmux drops screen's wrapping unseen, but screen would print that of tmux.
    """
    write = f"\x1b]52;c;{base64.b64encode(text.encode()).decode()}\x07"
    kind = environ.get("TERM", "")
    if environ.get("TMUX") or kind.startswith("tmux"):
        return f"{write}\x1bPtmux;{write.replace(chr(27), chr(27) * 2)}\x1b\\"
    if environ.get("STY") or kind.startswith("screen"):
        parts = [write[at : at + SCREEN_BYTES] for at in range(0, len(write), SCREEN_BYTES)]
        for_tmux = write if len(parts) == 1 else ""
        return for_tmux + "".join(f"\x1bP{part}\x1b\\" for part in parts)
    return write


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
                env=for_others(),
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
