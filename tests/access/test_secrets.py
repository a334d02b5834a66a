"""Where a token may not be: in an address, a command line, a line of a log, a report of a crash, a file of others."""

import json
import os
import pty
import select
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from mechtui.server import accounts
from tests.faults.process import free_port
from tests.server.support import database_url

PATIENCE = 60.0
"""Only there to end a test that hangs."""
INTAKE = {"type": "chat", "name": "Jo Doe", "concern": "It stalls."}
CRASHING_BACKEND = """
import sys
from mechtui.cli import run
from mechtui.server.routes import mechanics
def crash(*given):
    raise RuntimeError("planted")
mechanics.json_response = crash
sys.exit(run(sys.argv[1:]))
"""
CRASHING_DASHBOARD = """
import os
import sys
from mechtui.app import MechtuiApp
from mechtui.cli import run
def crash(self, *given):
    token = os.environ["MECHTUI_TOKEN"]
    raise RuntimeError("planted")
MechtuiApp.changed = crash
sys.exit(run(sys.argv[1:]))
"""


@dataclass
class House:
    """A user's home, in which whatever is made may be read by anybody unless whoever makes it takes care."""

    home: Path
    port: int
    tokens: dict[str, str] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)

    @property
    def environ(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name in {"PATH", "LANG", "TZ"}}
        server = f"http://127.0.0.1:{self.port}"
        return kept | {"HOME": str(self.home), "TERM": "xterm-256color", "MECHTUI_SERVER": server}

    def run(self, *words: str, token: str = "", given: str = "") -> str:
        """What a command says on both its outputs."""
        done = subprocess.run(
            [sys.executable, "-m", "mechtui", *words], env=self.environ | ({"MECHTUI_TOKEN": token} if token else {}),
            input=given, capture_output=True, text=True, umask=0, timeout=PATIENCE,
        )  # fmt: skip
        self.said.append(done.stdout + done.stderr)
        return done.stdout

    def hire(self) -> None:
        """A mechanic and a desk, in the database that a backend without settings takes."""
        database = database_url(self.home / ".local" / "share" / "mechtui" / "mechtui.db")
        before = os.umask(0)
        self.tokens = {
            "mechanic": accounts.add_mechanic(database, "Ann").token,
            "desk": accounts.add_desk(database, "web site").token,
        }
        os.umask(before)

    @contextmanager
    def serving(self, program: str = "") -> Iterator[None]:
        """A backend that tells all it can; what it said is kept."""
        config = self.home / ".config" / "mechtui" / "config.toml"
        config.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        config.write_text('[server]\nmetrics = true\nlog = "json"\n')
        config.chmod(0o600)
        told = self.home.parent / "told"
        with told.open("w") as to:
            words = ["-c", program] if program else ["-m", "mechtui"]
            process = subprocess.Popen(
                [sys.executable, *words, "serve", "--port", str(self.port)],
                env=self.environ,
                stdout=to,
                stderr=to,
                umask=0,
            )
            try:
                self._wait(process)
                yield
            finally:
                process.terminate()
                process.wait()
        self.said.append(told.read_text())

    def _wait(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and process.poll() is None:
            with suppress(httpx.TransportError):
                if httpx.get(f"http://127.0.0.1:{self.port}/api/health", trust_env=False).status_code == 200:
                    return
            time.sleep(0.05)
        raise AssertionError("the backend did not start")

    @contextmanager
    def screen(self, awaited: str, program: str = "") -> Iterator[str]:
        """A dashboard on a terminal until it shows what is awaited; all it wrote."""
        master, slave = pty.openpty()
        words = ["-c", program] if program else ["-m", "mechtui"]
        process = subprocess.Popen(
            [sys.executable, *words], env=self.environ | {"MECHTUI_TOKEN": self.tokens["mechanic"]},
            stdin=slave, stdout=slave, stderr=slave, umask=0, start_new_session=True,
        )  # fmt: skip
        os.close(slave)
        try:
            seen = _read_until(master, awaited)
            yield seen + _read_to_the_end(master) if program else seen
        finally:
            process.kill()
            process.wait()
            os.close(master)

    def leaks(self, *texts: str) -> list[str]:
        """Which of the tokens stand in these, or in what was said so far."""
        return [who for who, token in self.tokens.items() for text in (*texts, *self.said) if token[4:] in text]


def _read_until(master: int, awaited: str) -> str:
    seen, deadline = "", time.monotonic() + PATIENCE
    while awaited not in seen:
        assert time.monotonic() < deadline, f"waited for {awaited!r}: {seen[-500:]}"
        if select.select([master], [], [], 0.1)[0]:
            seen += os.read(master, 1 << 16).decode(errors="replace")
    return seen


def _read_to_the_end(master: int) -> str:
    seen, deadline = "", time.monotonic() + PATIENCE
    with suppress(OSError):
        while time.monotonic() < deadline:
            seen += os.read(master, 1 << 16).decode(errors="replace")
    return seen


@pytest.fixture
def house(tmp_path: Path) -> House:
    home = tmp_path / "home"
    home.mkdir()
    house = House(home, free_port())
    house.hire()
    return house


def command_lines() -> str:
    """Those of all processes there are, as anybody on this machine may read them."""
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            found.append(file.read_text(errors="replace"))
    return "\n".join(found)


def test_no_token_is_said_written_or_left_where_others_read(house: House) -> None:
    mechanic, desk = house.tokens["mechanic"], house.tokens["desk"]
    with house.serving():
        told = json.loads(house.run("submit", "-", token=desk, given=json.dumps(INTAKE)))
        house.tokens["customer"] = told["customer_token"]
        house.said.clear()
        house.run("list", "incoming", token=mechanic)
        house.run("accept", told["id"], token=mechanic)
        house.run("show", told["id"], "--json", token=mechanic)
        house.run("accept", "none", token=mechanic)
        house.run("list", "incoming", token=mechanic[:-1] + "\u00e9")
        house.run("list", "incoming", token=desk)
        with house.screen("LIVE") as screen:
            assert house.leaks(screen, command_lines()) == []
        house.run("mechanic", "list")
        house.run("list", "incoming", "--server", "http://127.0.0.1:9", token=mechanic)
    assert any('"event":"accepted"' in said for said in house.said), "the log was on"
    assert house.leaks() == []
    assert contents(house) == []
    assert modes(house) == []


def contents(house: House) -> list[str]:
    """Files that have a token in them."""
    files = [file for file in house.home.rglob("*") if file.is_file()]
    assert {file.suffix for file in files} >= {".db", ".jsonl"}, files
    return [str(file) for file in files if house.leaks(file.read_bytes().decode("latin-1"))]


def modes(house: House) -> list[str]:
    """What others may read of that which is mechtui's own."""
    own = [path for path in house.home.rglob("*") if "mechtui" in path.relative_to(house.home).parts]
    return [f"{path} {path.stat().st_mode:o}" for path in own if path.stat().st_mode & 0o077]


def test_a_backend_that_fails_does_not_say_by_whose_token(house: House) -> None:
    with house.serving(CRASHING_BACKEND):
        house.run("list", "incoming", token=house.tokens["mechanic"])
    assert any("planted" in said for said in house.said), "it failed, and said so"
    assert house.leaks() == []


def test_a_dashboard_that_fails_does_not_show_its_token(house: House) -> None:
    with house.serving(), house.screen("planted", CRASHING_DASHBOARD) as screen:
        assert house.leaks(screen) == []


@pytest.mark.parametrize("command", [["list", "incoming"], ["watch"], []])
def test_a_token_travels_in_its_header_only(house: House, command: list[str]) -> None:
    """Whatever asks: addresses are what proxies write into their logs."""
    with listening(house.port) as heads:
        if command == ["list", "incoming"] or command:
            house.run(*command, token=house.tokens["mechanic"])
        else:
            with house.screen("SIGNED OUT"):
                pass
    assert heads
    for head in heads:
        lines = [line for line in head.split("\r\n") if not line.lower().startswith("authorization: ")]
        assert house.tokens["mechanic"] in head
        assert house.leaks("\n".join(lines)) == []


@contextmanager
def listening(port: int) -> Iterator[list[str]]:
    """The heads of all requests at this port; whoever asks is told that his token is no good."""
    heads: list[str] = []
    body = b'{"error": "This needs a valid token.", "code": "SIGNED_OUT"}'
    refusal = b"HTTP/1.1 401 Unauthorized\r\nContent-Type: application/json\r\nConnection: close\r\n"
    refusal += b"Content-Length: %d\r\n\r\n" % len(body) + body

    def serve(listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                line, _ = listener.accept()
                with line:
                    line.settimeout(PATIENCE)
                    heads.append(line.recv(1 << 16).decode("latin-1"))
                    line.sendall(refusal)

    with socket.create_server(("127.0.0.1", port)) as listener:
        server = threading.Thread(target=serve, args=(listener,))
        server.start()
        try:
            yield heads
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            server.join()
