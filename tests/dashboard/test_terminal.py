"""What the dashboard does to terminal and desktop, and how it ends, in a real pty."""

import os
import pty
import re
import select
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from mechtui.ssh.screen import RESET
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


def test_the_opener_is_given_the_address_and_no_terminal_and_no_token(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MECHTUI_TOKEN", "mtm_zqsecret")
    program, seen = tmp_path / "open", tmp_path / "seen"
    told = '"$1$MECHTUI_TOKEN"'
    program.write_text(f"#!/bin/sh\ntest -t 0 || test -t 1 || echo {told} > {seen}.new\nmv {seen}.new {seen}\n")
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
CRASHING = """
from mechtui.screens.dashboard import DashboardScreen
DashboardScreen.do_help = lambda self: 1 / 0
"""
KNOWN = {"\x1b[?2026$p": b"\x1b[?2026;2$y", "\x1b[?2048$p": b"\x1b[?2048;2$y"}
"""What is asked, and what a terminal says that can do it."""
Act = Callable[["subprocess.Popen[bytes]", int], object]
"""What is done to a program and its terminal. Where it reads what is written, that is its result."""


@dataclass
class Ended:
    """How a program in a pty ended: its exit code, all it wrote, and what of the terminal is not as it was."""

    code: int
    written: str
    settings_kept: bool

    @property
    def left_behind(self) -> list[str]:
        """What was switched and not switched back."""
        last = dict(re.findall(r"\x1b\[\?(\d+)([hl])", self.written))
        modes = [f"mode {mode}" for mode, now in last.items() if now != ("h" if mode in {"7", "25"} else "l")]
        pairs = {"keyboard": ("\x1b[>25u", "\x1b[<u"), "title": ("\x1b[22;2t", "\x1b[23;2t")}
        unpaired = [what for what, (on, off) in pairs.items() if self.written.count(on) > self.written.count(off)]
        pointer = re.findall(r"\x1b\]22;(\w+)", self.written)[-1:]
        colour = re.findall(r"\x1b\[([\d;]*)m", self.written)[-1:]
        return [
            *modes,
            *unpaired,
            *(["pointer"] if pointer != ["default"] else []),
            *(["colour"] if colour[0] not in {"", "0"} else []),
            *([] if self.settings_kept else ["settings"]),
        ]


def in_pty(tmp_path: Path, act: Act, token: str = "mtm_nobody", program: str = PROGRAM, **environ: str) -> Ended:
    """Run the dashboard where nothing answers, in a terminal that can do all; act once it has painted."""
    terminal, side = pty.openpty()
    settings = termios.tcgetattr(terminal)
    command = [sys.executable, "-c", program, token, str(tmp_path / "journal")]
    env = os.environ | {"TERM": "xterm-256color"} | environ
    child = subprocess.Popen(command, stdin=side, stdout=side, stderr=side, env=env, cwd=ROOT, start_new_session=True)
    os.close(side)
    written = read_until(terminal, lambda text: "mechtui serve" in text and all(asked in text for asked in KNOWN))
    for said in KNOWN.values():
        os.write(terminal, said)
    written += read_until(terminal, lambda text: "\x1b[?1016h" in text)
    read = act(child, terminal)
    written += read if isinstance(read, str) else ""
    written += read_until(terminal, lambda text: False)
    code = child.wait(PATIENCE_SECONDS)
    ended = Ended(code, written, termios.tcgetattr(terminal) == settings)
    os.close(terminal)
    return ended


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


def put_aside(child: "subprocess.Popen[bytes]", terminal: int) -> str:
    """Stopped as with Ctrl+Z at a shell, taken up again, and left."""
    child.send_signal(signal.SIGTSTP)
    os.waitid(os.P_PID, child.pid, os.WSTOPPED)
    assert termios.tcgetattr(terminal)[3] & termios.ECHO, "while it is stopped the terminal is the shell's"
    child.send_signal(signal.SIGCONT)
    read = read_until(terminal, lambda text: "MECHTUI" in text.rpartition("\x1b[?1049h")[2])
    os.write(terminal, b"q")
    return read


def leave_from_a_line(child: "subprocess.Popen[bytes]", terminal: int) -> str:
    """Ctrl+C with the mouse where one writes: there it has another shape."""
    os.write(terminal, b"/")
    read = read_until(terminal, lambda text: "a type, a day" in text)
    os.write(terminal, b"\x1b[<35;20;3M")
    read += read_until(terminal, lambda text: "\x1b]22;text" in text)
    os.write(terminal, b"\x03")
    return read


@pytest.mark.parametrize(
    ("act", "code"),
    [
        (lambda child, terminal: os.write(terminal, b"q"), 0),
        (leave_from_a_line, 0),
        (lambda child, terminal: child.send_signal(signal.SIGTERM), 143),
        (lambda child, terminal: child.send_signal(signal.SIGHUP), 129),
        (lambda child, terminal: child.send_signal(signal.SIGQUIT), 131),
    ],
    ids=["q", "Ctrl+C", "SIGTERM", "SIGHUP", "SIGQUIT"],
)
def test_it_leaves_the_terminal_as_it_was(tmp_path: Path, act: Act, code: int) -> None:
    ended = in_pty(tmp_path, act)
    assert ended.code == code
    assert ended.left_behind == []
    assert "Traceback" not in ended.written


def test_a_crash_leaves_the_terminal_as_it_was(tmp_path: Path) -> None:
    ended = in_pty(tmp_path, lambda child, terminal: os.write(terminal, b"?"), program=CRASHING + PROGRAM)
    assert ended.code == 1
    assert "ZeroDivisionError" in ended.written
    assert ended.left_behind == []


def test_put_aside_it_leaves_the_terminal_to_the_shell(tmp_path: Path) -> None:
    assert in_pty(tmp_path, put_aside).left_behind == []


def test_what_the_front_sends_after_a_killed_login_takes_back_all(tmp_path: Path) -> None:
    ended = in_pty(tmp_path, lambda child, terminal: child.kill(), SSH_TTY="/dev/pts/1", TEXTUAL_SMOOTH_SCROLL="1")
    assert {"mode 1016", "title"} <= set(ended.left_behind)
    after = Ended(ended.code, ended.written + RESET.decode(), settings_kept=True)  # the client's own terminal
    assert after.left_behind == []


def test_a_terminal_without_a_token_is_told_what_to_do(tmp_path: Path) -> None:
    ended = in_pty(tmp_path, lambda child, terminal: os.write(terminal, b"q"), token="")
    assert ended.code == 0
    assert "mechtui mechanic add" in ended.written


def test_the_terminal_is_never_asked_who_it_is(tmp_path: Path) -> None:
    written = in_pty(tmp_path, lambda child, terminal: os.write(terminal, b"q")).written
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
