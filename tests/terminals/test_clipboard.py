"""The way of an address to the clipboard: straight, through tmux, through GNU screen."""

import base64
import os
import pty
import re
import select
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mechtui.terminal import clipboard_writes, has_clipboard
from tests.terminals.support import seated

URL = "https://help.example.com/diagnostic/0190a3c4-5b6d-7e8f-9a0b-1c2d3e4f5a6b"
LONG = "W" * 2000
SCREEN_KEEPS = 768
"""Bytes of one wrapped string, in GNU screen 4."""
PATIENCE_SECONDS = 30.0


def osc52(text: str) -> str:
    return f"\x1b]52;c;{base64.b64encode(text.encode()).decode()}\x07"


def passed_by_tmux(written: str) -> str:
    """What tmux lets pass with `allow-passthrough on`: what is wrapped for it, unwrapped."""
    return "".join(part.replace("\x1b\x1b", "\x1b") for part in re.findall("\x1bPtmux;(.*?[^\x1b])\x1b\\\\", written))


def passed_by_screen(written: str) -> str:
    """What GNU screen lets pass: the inside of each string. What is longer than it keeps it would print."""
    parts = re.findall("\x1bP(.*?)\x1b\\\\", written)
    assert all(len(sequence) < SCREEN_KEEPS for sequence in re.split("(?=\x1b[]P])", written))
    return "".join(parts)


@pytest.mark.parametrize("text", [URL, LONG], ids=["an address", "long"])
def test_each_lets_the_same_pass(text: str) -> None:
    assert clipboard_writes(text, {"TERM": "xterm-256color"}) == osc52(text)
    for environ in ({"TERM": "tmux-256color"}, {"TERM": "screen-256color", "TMUX": "/tmp/tmux,1,0"}):
        assert passed_by_tmux(clipboard_writes(text, environ)) == osc52(text)
    for environ in ({"TERM": "screen"}, {"TERM": "xterm", "STY": "1.pts-0.bay"}, {"TERM": "screen.xterm-256color"}):
        assert passed_by_screen(clipboard_writes(text, environ)) == osc52(text)
    assert clipboard_writes(text, {"TERM": "tmux-256color"}).startswith(osc52(text)), "tmux may take it for itself"


def test_screen_is_sent_nothing_that_it_would_print() -> None:
    assert "tmux;" not in clipboard_writes(URL, {"TERM": "screen"})


@pytest.mark.parametrize(("kind", "has"), [("linux", False), ("vt220", False), ("xterm", True), ("foot", True)])
def test_who_has_one(kind: str, has: bool) -> None:
    assert has_clipboard({"TERM": kind}) is has


async def test_a_terminal_without_one_is_told_so_and_sent_nothing(tmp_path: Path) -> None:
    async with seated(tmp_path, TERM="linux", SSH_TTY="/dev/pts/1") as seat:
        await seat.screen.press("a", until="Accepted: it is yours")
        await seat.screen.press("y", until="This terminal has no clipboard")
        await seat.screen.sees(f"/video/{seat.request}")
        assert b"\x1b]52;" not in seat.screen.written


# --- a real tmux -------------------------------------------------------------------------------------------------

INSIDE = """
import os, sys
from mechtui.terminal import clipboard_writes
input("ready")
sys.stdout.write(clipboard_writes(sys.argv[1], os.environ) + "done")
sys.stdout.flush()
input()
"""


@pytest.mark.skipif(not shutil.which("tmux"), reason="tmux is not installed")
@pytest.mark.parametrize("kind", ["tmux-256color", "screen"])
@pytest.mark.parametrize(
    "setting", ["set -s set-clipboard on", "set -s set-clipboard off\nset -g allow-passthrough on"], ids=["own", "pass"]
)
def test_a_real_tmux_hands_it_on(tmp_path: Path, setting: str, kind: str) -> None:
    (tmp_path / "conf").write_text(f"{setting}\nset -g default-terminal {kind}\n")
    tmux = ["tmux", "-S", str(tmp_path / "socket"), "-f", str(tmp_path / "conf")]
    outside, side = pty.openpty()
    environ = os.environ | {"TERM": "xterm-256color", "LC_ALL": "C.UTF-8", "PYTHONPATH": str(Path(__file__).parents[2])}
    command = [*tmux, "new-session", sys.executable, "-c", INSIDE, URL]
    client = subprocess.Popen(command, stdin=side, stdout=side, stderr=side, env=environ, start_new_session=True)
    os.close(side)
    try:
        seen_until(outside, "ready")
        os.write(outside, b"\r")
        seen = seen_until(outside, "done")
        assert base64.b64encode(URL.encode()).decode() in "".join(
            re.findall("\x1b\\]52;[^;]*;(.*?)(?:\x07|\x1b)", seen)
        )
        shown = subprocess.run([*tmux, "capture-pane", "-p"], capture_output=True, text=True, check=True).stdout
        assert shown.split() == ["ready", "done"]
    finally:
        subprocess.run([*tmux, "kill-server"], check=False)
        client.wait(PATIENCE_SECONDS)
        os.close(outside)


def seen_until(outside: int, words: str) -> str:
    seen, deadline = "", time.monotonic() + PATIENCE_SECONDS
    while words not in seen:
        assert time.monotonic() < deadline, ascii(seen)
        if select.select([outside], [], [], 1.0)[0]:
            seen += os.read(outside, 65536).decode(errors="replace")
    return seen
