"""How the dashboard is driven by a terminal: what is typed comes in, and the terminal is left as it was found.

In place of parts of Textual's driver for Linux and macOS: look here first when another version of Textual is taken.
"""

import asyncio
import os
import re
import selectors
import signal
from codecs import getincrementaldecoder
from collections.abc import Iterable, Iterator
from contextlib import suppress
from time import monotonic
from typing import IO, Any

from textual import constants
from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver
from textual.events import Key, Paste, Resize
from textual.geometry import Size
from textual.message import Message

from mechtui.terminal import drawable, has_colours, is_modern
from mechtui.text import SafeText
from mechtui.typed import PASTE_LIMIT, Alt, Keys, Pasted, Piece, Sequence, Typed

_READ_BYTES = 65_536
_LOOK_AGAIN_SECONDS = 0.1
"""By then an end that was asked for elsewhere is seen."""
_TAKEN_SECONDS = 0.05
"""By then any terminal that keeps up has taken what was written; the thread that writes may have to wait its turn."""
_TOLD = re.compile(r"\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)")
"""What a terminal is told besides what it shows: titles, links, the shape of the pointer (OSC)."""
_USUAL_POINTER = "\x1b]22;default\x07"
"""Over a line one writes in, the mouse pointer has another shape."""
_MEANT = re.compile(
    r"\x1b\[(?:<\d+;-?\d+;-?\d+[Mm]"  # the mouse
    r"|[IO]"  # the window has the keyboard, or has it no more
    r"|\?\d+;\d\$y"  # whether it can paint at once and tell its size: what Textual asks itself
    r"|48;\d+(?::.*?)?;\d+(?::.*?)?;\d+(?::.*?)?;\d+(?::.*?)?t)"  # its size
)
_KITTY_KEY = re.compile(r"\x1b\[(?:[\d:]*;?){2,3}[u~ABCDEFHPQS]")
"""A key in kitty's protocol. R is left out: it would be an answer about the cursor, and F3 comes otherwise, too."""


class PasteTooLong(Message):
    """Something was pasted that is longer than any text here may be. `length` is in characters."""

    def __init__(self, length: int) -> None:
        super().__init__()
        self.length = length


class Out:
    """What is written to the terminal. One that is gone takes it, too: what is to be done about that is the app's.

    Textual's writing thread would end by the error, and whoever ends the app after that would wait for it for ever.
    """

    def __init__(self, file: IO[str]) -> None:
        self._file = file
        self._since: float | None = None
        self.fileno = file.fileno

    def write(self, text: str) -> None:
        """Write, as soon as there is enough of it."""
        if self._since is None:
            self._since = monotonic()
        with suppress(OSError):
            self._file.write(text)

    def flush(self) -> None:
        """Write it now."""
        with suppress(OSError):
            self._file.flush()
        self._since = None

    @property
    def is_behind(self) -> bool:
        """Whether the terminal has not taken yet what it had time to take: the line is slow, or stalls."""
        since = self._since
        return since is not None and monotonic() - since > _TAKEN_SECONDS


class TerminalDriver(LinuxDriver):
    """Textual's driver, with what comes in cut into whole pieces first (`mechtui.typed`)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        assert self._file is not None, "the dashboard has a terminal"
        self._out = Out(self._file)
        self._file = self._out  # type: ignore[assignment]

    @property
    def is_behind(self) -> bool:
        """Whether the terminal has not taken yet what it had time to take."""
        return self._out.is_behind

    def start_application_mode(self) -> None:
        """Take the terminal. A new size is looked up once it is its turn: Textual does so within the signal, which
        the next one may interrupt, and then the older size of two is told last.
        """
        super().start_application_mode()  # type: ignore[no-untyped-call]
        asyncio.get_running_loop().add_signal_handler(signal.SIGWINCH, self._tell_size)

    def _tell_size(self) -> None:
        if not self._in_band_window_resize:
            size = Size(*self._get_terminal_size())
            self.process_message(Resize(size, size))

    def write(self, data: str) -> None:
        """Write to the terminal; to one that knows no title and no link, nothing of them."""
        super().write(data if has_colours(os.environ) else _TOLD.sub("", data))

    def run_input_thread(self) -> None:
        """Read what is typed until the end is asked for, or the terminal is gone."""
        decode = getincrementaldecoder("utf-8")("replace").decode
        typed, parser = Typed(constants.ESCAPE_DELAY), XTermParser()
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                patience = typed.patience
                if selector.select(_LOOK_AGAIN_SECONDS if patience is None else patience):
                    read = self._read()
                    if not read:
                        return
                    self._pass_on(typed.feed(decode(read)), parser)
                elif patience is not None:
                    self._pass_on(typed.expire(), parser)

    def process_message(self, message: Message) -> None:
        """Pass on what was understood; no size is larger than can be painted."""
        if isinstance(message, Resize) and message.size != drawable(*message.size):
            message = Resize.from_dimensions(drawable(*message.size), None)
        super().process_message(message)

    def stop_application_mode(self) -> None:
        """Give the terminal back. What else it was told is taken back by what told it."""
        self.write(_USUAL_POINTER)
        super().stop_application_mode()

    def _read(self) -> bytes:
        """What has come; nothing once the terminal is gone."""
        try:
            return os.read(self.fileno, _READ_BYTES)
        except OSError:
            return b""

    def _pass_on(self, pieces: Iterable[Piece], parser: XTermParser) -> None:
        for piece in pieces:
            for message in _messages(piece, parser):
                self.process_message(message)

    def _get_terminal_size(self) -> tuple[int, int]:
        return drawable(*super()._get_terminal_size())

    def _request_terminal_sync_mode_support(self) -> None:
        if is_modern(os.environ):
            super()._request_terminal_sync_mode_support()

    def _query_in_band_window_resize(self) -> None:
        if is_modern(os.environ):
            super()._query_in_band_window_resize()

    def _disable_mouse_support(self) -> None:
        super()._disable_mouse_support()
        if self._mouse_pixels:
            self.write("\x1b[?1016l")  # forgotten there: the next program would have been given pixels for cells


def _messages(piece: Piece, parser: XTermParser) -> Iterator[Message]:
    match piece:
        case Keys(text):
            yield from parser.feed(text)
        case Sequence(said) if _is_meant(said):
            yield from parser.feed(said)
        case Alt(""):
            yield Key("escape", "\x1b")
        case Alt(character) if f"\x1b{character}" in ANSI_SEQUENCES_KEYS:
            yield from parser.feed(f"\x1b{character}")
        case Alt(character):
            yield from parser._sequence_to_key_events(character, alt=True)
        case Pasted(text, length):
            yield PasteTooLong(length) if length > PASTE_LIMIT else Paste(SafeText.block(text))


def _is_meant(said: str) -> bool:
    """Whether a sequence is a key or something Textual has asked for, and no answer to anybody else."""
    if said in ANSI_SEQUENCES_KEYS or _MEANT.fullmatch(said):
        return True
    return not constants.DISABLE_KITTY_KEY and _KITTY_KEY.fullmatch(said) is not None
