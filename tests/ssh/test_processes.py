"""The front and the demo as processes, and OpenSSH's own client in a terminal before them."""

import os
import pty
import re
import select
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyte
import pytest

from mechtui.cli import run
from mechtui.exits import Exit
from mechtui.server import accounts
from tests.client.shell import User

PATIENCE = 180.0
pytestmark = [
    pytest.mark.skipif(shutil.which("ssh") is None, reason="OpenSSH's client is not here"),
    pytest.mark.xdist_group("ssh processes"),
]
_NOT_KNOWN_TO_PYTE = re.compile(rb"\x1b\[[<>=?][0-9;]*[a-zA-Z]|\x1b\[[0-9;]*[t$][a-z]?")


class Client:
    """OpenSSH's client in a terminal of 80×24."""

    def __init__(self, command: list[str]) -> None:
        self.pid, self._terminal = pty.fork()
        if self.pid == 0:
            os.environ["TERM"] = "xterm-256color"
            os.execvp(command[0], command)
        self._screen = pyte.Screen(80, 24)
        self._stream = pyte.ByteStream(self._screen)
        self._ended = False

    @property
    def text(self) -> str:
        return "\n".join(self._screen.display)

    def press(self, keys: str) -> None:
        os.write(self._terminal, keys.encode())

    def until(self, words: str, gone: str = "\0") -> None:
        """Read until these words are on the screen, and those are not."""
        until = time.monotonic() + PATIENCE
        while words not in self.text or gone in self.text:
            assert self._read(until - time.monotonic()), f"{words!r} never came; there is:\n{self.text}"

    def status(self) -> int:
        """Read to the end; the exit status."""
        while self._read(PATIENCE):
            pass
        self._ended = True
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])

    def close(self) -> None:
        if not self._ended:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self._terminal)

    def _read(self, seconds: float) -> bytes:
        if not select.select([self._terminal], [], [], max(seconds, 0))[0]:
            return b""
        try:
            data = os.read(self._terminal, 65536)
        except OSError:
            return b""
        self._stream.feed(_NOT_KNOWN_TO_PYTE.sub(b"", data))
        return data


@contextmanager
def client(command: list[str]) -> Iterator[Client]:
    opened = Client(command)
    try:
        yield opened
    finally:
        opened.close()


@contextmanager
def process(*arguments: str, **environ: str) -> Iterator[subprocess.Popen[str]]:
    """`mechtui` with these arguments, ended with SIGTERM."""
    known = {name: value for name, value in os.environ.items() if name != "MECHTUI_TOKEN"} | environ
    command = [sys.executable, "-m", "mechtui", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=known) as started:
        try:
            yield started
        finally:
            started.terminate()
            started.communicate(timeout=PATIENCE)


def line_to_paste(demo: subprocess.Popen[str]) -> list[str]:
    assert demo.stdout is not None
    for line in demo.stdout:
        if line.startswith("ssh "):
            return shlex.split(line)
    raise AssertionError("no line to paste was printed")


def test_the_demo_prints_a_line_that_works(tmp_path: Path) -> None:
    with process("demo", "--ssh", TMPDIR=str(tmp_path), HOME=str(tmp_path / "home")) as demo:
        line = line_to_paste(demo)
        with client(line) as terminal:
            terminal.until("LIVE")
            terminal.press("?")
            terminal.until("Keys")
            terminal.press("\x1b")
            terminal.until("q quit", gone="Keys")
            terminal.press("q")
            assert terminal.status() == 0
        listed = subprocess.run([*line, "mechtui", "list", "incoming", "--json"], capture_output=True, check=True)
        assert b'"status"' in listed.stdout
    assert demo.returncode == 0
    assert list(tmp_path.glob("mechtui-demo-*")) == []


def test_the_front_by_its_settings(user: User) -> None:
    """The main job; the client is killed, and whoever comes back has the same session in hand."""
    key = user.folder / "id"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    assert user.run("mechanic", "add", "Dana", "--key", f"{key}.pub", "--json") == Exit.DONE
    dana = user.json()["id"]
    user.submit(name="Maria")
    with process("ssh", "--port", "0", "--keys", str(user.folder)) as front:
        assert front.stdout is not None
        said = front.stdout.readline() + front.stdout.readline()
        port = re.search(r"port (\d+)", said)
        assert port is not None
        assert re.search(r"host key SHA256:\S+ \(.*ssh_host_ed25519_key\)", said)
        options = ["-F", "none", "-o", "IdentitiesOnly=yes", "-o", f"UserKnownHostsFile={user.folder}/hosts"]
        command = [
            "ssh",
            *options,
            "-o",
            "StrictHostKeyChecking=accept-new",
            "-p",
            port[1],
            "-i",
            str(key),
            "127.0.0.1",
        ]
        with client(command) as first:
            first.until("LIVE")
            first.until("grinding")
            first.press("a")
            first.until("Enter to Active")
            os.kill(first.pid, signal.SIGKILL)
        with client(command) as terminal:
            terminal.until("Active 1")
            terminal.press("2")
            terminal.until("e end")
            terminal.press("e")
            terminal.until("Enter end it")
            terminal.press("\r")
            terminal.until("Active 0")
            front.terminate()
            assert terminal.status() == 128 + signal.SIGTERM
            assert "the door is being closed" in terminal.text
        assert front.wait(PATIENCE) == 0
    fingerprint = subprocess.run(["ssh-keygen", "-lf", f"{key}.pub"], capture_output=True, text=True, check=True)
    assert user.run("mechanic", "key", dana) == Exit.DONE
    assert user.out.strip() == fingerprint.stdout.split()[1]
    assert user.run("mechanic", "key", dana, "--remove", user.out.strip()) == Exit.DONE
    assert "No keys" in user.out
    assert user.run("mechanic", "key", dana, str(key)) == Exit.REFUSED
    assert "a private key" in user.err


def test_what_a_front_cannot_start_with_is_told(user: User, capsys: pytest.CaptureFixture[str]) -> None:
    accounts.add_mechanic(user.shop.database, "Dana")
    key = user.folder / "key"
    key.write_text("nonsense")
    key.chmod(0o600)
    assert run(["ssh", "--keys", str(key)]) == Exit.WRONG_USE
    assert "no private key" in capsys.readouterr().err
    assert run(["ssh", "--port", "70000"]) == Exit.WRONG_USE
    assert run(["ssh", "--host", "192.0.2.1", "--keys", str(user.folder / "new")]) == Exit.NOT_REACHED
    assert "cannot listen on 192.0.2.1" in capsys.readouterr().err
