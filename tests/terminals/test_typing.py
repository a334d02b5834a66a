"""What comes from the terminal into the real dashboard: only what somebody typed does anything."""

from pathlib import Path

import pytest
from textual._xterm_parser import XTermParser
from textual.events import Key
from textual.message import Message

from mechtui.driver import _messages
from mechtui.typed import Typed
from tests.hostile.terminal import Terminal
from tests.terminals.answers import ANSWERS
from tests.terminals.support import BARE, seated

PASTE = "\x1b[200~{}\x1b[201~"
HOSTILE = "a" * 40 + "\x1b" + "a" * 40 + "\x1b[1;4R\rq\x03"
"""Escape and forty characters: the library gives up on such a sequence, and takes it for keys."""
MOST_MEGABYTES = 24


LONG = PASTE.format(HOSTILE * (1_000_000 // len(HOSTILE))).encode()
KEYS_NOBODY_HAS = (b"\x1b[25;9~", b"\x1b[1;4R", b"\x1bO2R", b"\x1b[27;5;97~")
NO_UTF8 = b"\xe9\xff\x80"
"""As a terminal in Latin-1 sends é."""
NO_KEYS = (*ANSWERS, *KEYS_NOBODY_HAS, NO_UTF8, PASTE.format(HOSTILE).encode())


async def send_all(screen: Terminal) -> None:
    """Each whole, and in two halves with a pause between: what is cut before is Alt with a key, when nothing comes."""
    for sent in NO_KEYS:
        half = max(3, len(sent) // 2)
        for part in (sent, sent[:half], sent[half:]):
            await screen.send(part)


async def test_nothing_but_keys_does_anything(tmp_path: Path) -> None:
    async with seated(tmp_path) as seat:
        await send_all(seat.screen)
        await seat.screen.send(LONG)
        assert all(words in seat.screen.text for words in ("WAIT", "Incoming Requests 1")), seat.screen.text
        assert await seat.status() == "pending"
        await seat.screen.press("a", until="Accepted: it is yours")


async def test_with_the_librarys_own_driver_they_do(tmp_path: Path) -> None:
    """The control."""
    async with seated(tmp_path, BARE) as seat:
        await send_all(seat.screen)
        assert "Incoming Requests 1" not in seat.screen.text or await seat.status() != "pending"


@pytest.mark.parametrize("sent", NO_KEYS, ids=repr)
def test_the_library_takes_each_for_keys(sent: bytes) -> None:
    """The control of what is sent: none of it is harmless by itself, whole or in two parts."""
    parser, messages = XTermParser(), list[Message]()
    for part in (sent, sent[:3], sent[3:]):
        try:
            messages += parser.feed(part.decode())
        except UnicodeDecodeError:
            return
        if parser._timeout_time is not None:
            parser._timeout_time = 0.0
            messages += parser.tick()
    assert any(isinstance(message, Key) for message in messages)


async def test_what_is_pasted_into_a_line(tmp_path: Path) -> None:
    async with seated(tmp_path) as seat:
        await seat.screen.press("/")
        before = peak_megabytes(seat.screen.process.pid)
        await seat.screen.send(LONG)
        await seat.screen.sees("Nothing was pasted")
        assert peak_megabytes(seat.screen.process.pid) - before < MOST_MEGABYTES
        await seat.screen.send(PASTE.format("\x1b[1;4Rstalls").encode())
        await seat.screen.sees("␛[1;4Rstalls")
        await seat.screen.sees("0 of 1")


def peak_megabytes(process: int) -> float:
    (line,) = (line for line in Path(f"/proc/{process}/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


@pytest.mark.parametrize(
    ("sent", "key"),
    [
        ("\x1b[1~", "home"), ("\x1b[4~", "end"), ("\x1b[7~", "home"), ("\x1b[8~", "end"), ("\x1b[H", "home"),
        ("\x1bOH", "home"), ("\x1bOF", "end"), ("\x1b[5~", "pageup"), ("\x1b[6~", "pagedown"), ("\x1bOA", "up"),
        ("\x1b[11~", "f1"), ("\x1b[15~", "f5"), ("\x1b[[A", "f1"), ("\x1bOP", "f1"), ("\x1b[2~", "insert"),
        ("\x08", "backspace"), ("\x7f", "backspace"), ("\x1b[3~", "delete"), ("\x1b[Z", "shift+tab"),
        ("\x1bOM", "enter"), ("\x1bOk", "plus"), ("\x1bOq", "1"), ("\x1bOn", "full_stop"), ("\x1ba", "alt+a"),
        ("\x1bA", "alt+shift+a"), ("\x1b\x1b[A", "escape up"), ("\x1b", "escape"), ("\x1b[97u", "a"),
    ],
)  # fmt: skip
def test_keys_as_terminals_send_them(sent: str, key: str) -> None:
    """PuTTY, xterm, rxvt, a Linux console, tmux, the keypad of a VT100, kitty."""
    typed, parser = Typed(0.0), XTermParser()
    messages = [m for piece in (*typed.feed(sent), *typed.expire()) for m in _messages(piece, parser)]
    assert " ".join(message.key for message in messages if isinstance(message, Key)) == key
