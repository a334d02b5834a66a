"""What the dashboard does to terminal and desktop, and how it ends, in a real pty."""

import os
import pty
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from mechtui.terminal import BURST_SECONDS, Bell, Opener, Title, desktop_opener, hung_up, is_remote, prepare_environment

from .support import Time

PATIENCE_SECONDS = 30.0
ROOT = Path(__file__).parents[2]


def test_over_ssh_no_browser_is_opened_whatever_display_says() -> None:
    assert not desktop_opener({"SSH_CONNECTION": "1 2 3 4", "DISPLAY": ":0"}, "darwin").can_open


def test_without_a_desktop_no_browser_is_opened() -> None:
    assert not desktop_opener({"PATH": os.environ["PATH"]}, "linux").can_open


def test_a_mac_has_a_browser() -> None:
    assert desktop_opener({}, "darwin").can_open


def test_the_desktops_opener_is_used_where_there_is_one(tmp_path: Path) -> None:
    program = tmp_path / "xdg-open"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    assert desktop_opener({"DISPLAY": ":0", "PATH": str(tmp_path)}, "linux").can_open


def test_an_opener_that_is_not_there_says_so() -> None:
    assert Opener(("/nonexistent/opener",)).open("http://shop.test/video/1") is False
    assert Opener(()).open("http://shop.test/video/1") is False


def test_the_opener_is_given_the_address_and_no_terminal(tmp_path: Path) -> None:
    program, seen = tmp_path / "open", tmp_path / "seen"
    program.write_text(f'#!/bin/sh\ntest -t 0 || test -t 1 || echo "$1" > {seen}.new\nmv {seen}.new {seen}\n')
    program.chmod(0o755)
    opener = Opener((str(program),))
    assert opener.open("http://shop.test/video/1")
    opener._children[0].wait(PATIENCE_SECONDS)
    assert seen.read_text() == "http://shop.test/video/1\n"


def test_what_the_user_has_set_stays() -> None:
    environ = {"ESCDELAY": "200"}
    prepare_environment(environ)
    assert environ == {"ESCDELAY": "200", "TEXTUAL_ANIMATIONS": "none", "TEXTUAL_FPS": "240"}


def test_over_ssh_the_terminal_is_asked_for_less() -> None:
    environ = {"SSH_TTY": "/dev/pts/1"}
    prepare_environment(environ)
    assert is_remote(environ)
    assert environ["TEXTUAL_DISABLE_KITTY_KEY"] == "1"


def test_the_bell_rings_once_a_burst_and_twice_for_an_urgent_one() -> None:
    moments, rung = Time(), []
    bell = Bell(lambda: rung.append("ring"), lambda seconds, call: call(), moments.clock.steady)
    bell.announce(urgent=True)
    assert len(rung) == 2
    bell.announce(urgent=True)
    assert len(rung) == 2
    moments.forward(BURST_SECONDS)
    bell.announce(urgent=False)
    assert len(rung) == 3


def test_a_terminal_that_went_away_is_noticed() -> None:
    main, side = pty.openpty()
    assert not hung_up(side)
    os.close(main)
    assert hung_up(side)
    os.close(side)
    assert hung_up(side)


# --- in a pty --------------------------------------------------------------------------------------------------


PROGRAM = """
import sys
from pathlib import Path
from mechtui.app import run_dashboard
from mechtui.config import ClientSettings
raise SystemExit(run_dashboard(ClientSettings("http://127.0.0.1:9", sys.argv[1], "a test", Path(sys.argv[2]))))
"""
Act = Callable[["subprocess.Popen[bytes]", int], object]


def in_pty(tmp_path: Path, act: Act, token: str = "mtm_nobody") -> tuple[int, str]:
    """Run the dashboard where nothing answers, act once it has painted; its exit code and all it wrote."""
    terminal, side = pty.openpty()
    command = [sys.executable, "-c", PROGRAM, token, str(tmp_path / "journal")]
    environ = os.environ | {"TERM": "xterm-256color"}
    child = subprocess.Popen(
        command, stdin=side, stdout=side, stderr=side, env=environ, cwd=ROOT, start_new_session=True
    )
    os.close(side)
    written = read_until(terminal, lambda text: "mechtui serve" in text)
    act(child, terminal)
    written += read_until(terminal, lambda text: False)
    os.close(terminal)
    return child.wait(PATIENCE_SECONDS), written


def read_until(terminal: int, enough: Callable[[str], bool]) -> str:
    """What is written to a terminal, until it is enough or the other side has gone."""
    written = b""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not enough(written.decode(errors="replace")):
        assert time.monotonic() < deadline, written[-2000:]
        if select.select([terminal], [], [], 1.0)[0]:
            try:
                chunk = os.read(terminal, 65536)
            except OSError:
                break
            if not chunk:
                break
            written += chunk
    return written.decode(errors="replace")


@pytest.mark.parametrize(
    ("act", "code"),
    [
        (lambda child, terminal: os.write(terminal, b"q"), 0),
        (lambda child, terminal: os.write(terminal, b"\x03"), 0),
        (lambda child, terminal: child.send_signal(signal.SIGTERM), 143),
        (lambda child, terminal: child.send_signal(signal.SIGHUP), 129),
    ],
    ids=["q", "Ctrl+C", "SIGTERM", "SIGHUP"],
)
def test_it_ends_clean(tmp_path: Path, act: Act, code: int) -> None:
    ended, written = in_pty(tmp_path, act)
    assert ended == code
    assert "\x1b[?1049l" in written, "the terminal is given back as it was"
    assert "Traceback" not in written


def test_a_terminal_without_a_token_is_told_what_to_do(tmp_path: Path) -> None:
    ended, written = in_pty(tmp_path, lambda child, terminal: os.write(terminal, b"q"), token="")
    assert ended == 0
    assert "mechtui mechanic add" in written


def test_the_terminal_is_never_asked_who_it_is(tmp_path: Path) -> None:
    _, written = in_pty(tmp_path, lambda child, terminal: os.write(terminal, b"q"))
    for question in ("\x1b[c", "\x1b[>c", "\x1b[>q", "\x1b]10;?", "\x1b]11;?", "\x1bP+q"):
        assert question not in written


def test_the_title_is_written_when_it_changes_and_put_back_at_the_end() -> None:
    written: list[str] = []
    title = Title(written.append)
    title.restore()
    assert written == []
    for words in ("(3!) mechtui", "(3!) mechtui", "(2) mechtui"):
        title.show(words)
    title.restore()
    assert written == ["\x1b[22;2t\x1b]2;(3!) mechtui\x07", "\x1b]2;(2) mechtui\x07", "\x1b[23;2t"]
