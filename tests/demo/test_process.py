"""The demo as a process: it plays the story without a terminal, shows the dashboard in one, and leaves nothing behind.

Each run has a TMPDIR of its own, which every process of it inherits: whoever still has it is a left-over.
"""

import os
import re
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pyte
import pytest

COMMAND = (sys.executable, "-m", "mechtui", "demo")
PATIENCE = 180.0
"""Only there to end a test that hangs."""

pytestmark = [
    pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="left-overs are looked for in /proc"),
    pytest.mark.xdist_group("demo processes"),
]


class Scene:
    """A place of its own for one demo: where its files are, and who belongs to it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def environ(self) -> dict[str, str]:
        own = {"TMPDIR": str(self.folder), "HOME": str(self.folder / "home"), "TERM": "xterm-256color"}
        return {name: value for name, value in os.environ.items() if not name.startswith("MECHTUI_")} | own

    def processes(self) -> list[int]:
        """Every process that was started in this scene and still runs."""
        mark = f"TMPDIR={self.folder}".encode()
        return [int(entry.name) for entry in Path("/proc").glob("[0-9]*") if _has(entry, mark)]

    def shops(self) -> list[Path]:
        return list(self.folder.glob("mechtui-demo-*"))

    def address(self) -> tuple[str, int]:
        """Where the backend listens, as its processes were told."""
        journal = self.shops()[0] / "shop.log"
        assert journal.exists()
        ports = [port for pid in self.processes() for port in _listening(pid)]
        assert len(ports) == 1
        return "127.0.0.1", ports[0]


def _has(process: Path, mark: bytes) -> bool:
    try:
        return mark in (process / "environ").read_bytes().split(b"\0")
    except OSError:
        return False


def _listening(pid: int) -> list[int]:
    """The TCP ports of this machine on which a process listens."""
    try:
        links = [str(link.readlink()) for link in Path(f"/proc/{pid}/fd").iterdir()]
    except OSError:
        return []
    inodes = {found[1] for link in links if (found := re.fullmatch(r"socket:\[(\d+)\]", link))}
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return [int(row[1].rpartition(":")[2], 16) for row in rows if row[3] == "0A" and row[9] in inodes]


class Terminal:
    """The demo in a terminal of 80×24."""

    def __init__(self, scene: Scene, *options: str) -> None:
        self.master, slave = os.openpty()
        self.screen = pyte.Screen(80, 24)
        self._stream = pyte.ByteStream(self.screen)
        self.process = subprocess.Popen(
            [*COMMAND, *options],
            env=scene.environ,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            preexec_fn=lambda: os.login_tty(slave),
        )
        os.close(slave)

    def wait_for(self, words: str) -> None:
        """Read what is painted until these words are on the screen."""
        self._read_until(lambda: words in "\n".join(self.screen.display), words)

    def wait_for_live(self) -> None:
        """Read until the header says that the line is good."""
        self._read_until(lambda: self.screen.display[0].rstrip().endswith("LIVE"), "LIVE")

    def wait_for_end(self) -> int:
        """Read until the process has ended; its exit status."""
        self._read_until(lambda: self.process.poll() is not None, "the end of the demo")
        return self.process.wait()

    def press(self, keys: bytes) -> None:
        os.write(self.master, keys)

    def hang_up(self) -> None:
        os.close(self.master)
        self.master = -1

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        if self.master >= 0:
            os.close(self.master)

    def _read_until(self, holds: Callable[[], bool], awaited: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while not holds():
            assert time.monotonic() < deadline, f"waited for {awaited!r}; the screen: {self.screen.display}"
            if select.select([self.master], [], [], 0.1)[0]:
                try:
                    self._stream.feed(os.read(self.master, 65536))
                except OSError:
                    self.process.wait(PATIENCE)


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    scene = Scene(tmp_path)
    yield scene
    for pid in scene.processes():
        os.kill(pid, signal.SIGKILL)


@pytest.fixture
def terminal(scene: Scene) -> Iterator[Terminal]:
    terminal = Terminal(scene)
    yield terminal
    terminal.close()


def assert_nothing_is_left(scene: Scene, address: tuple[str, int]) -> None:
    """Soon no process, no file and no port of the demo is there any more."""
    deadline = time.monotonic() + PATIENCE
    while scene.processes() or scene.shops():
        assert time.monotonic() < deadline, f"left over: {scene.processes()} {scene.shops()}"
        select.select([], [], [], 0.05)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(address, timeout=PATIENCE)


def press_q(terminal: Terminal) -> None:
    terminal.press(b"q")


def press_ctrl_c(terminal: Terminal) -> None:
    terminal.press(b"\x03")


def hang_up(terminal: Terminal) -> None:
    terminal.hang_up()


def terminate(terminal: Terminal) -> None:
    terminal.process.terminate()


def interrupt(terminal: Terminal) -> None:
    terminal.process.send_signal(signal.SIGINT)


def kill(terminal: Terminal) -> None:
    terminal.process.kill()


@pytest.mark.parametrize("leave", [press_q, press_ctrl_c, hang_up, terminate, interrupt, kill])
def test_it_shows_the_dashboard_and_leaves_nothing(
    leave: Callable[[Terminal], None], scene: Scene, terminal: Terminal
) -> None:
    terminal.wait_for("Completed 40")
    terminal.wait_for("LIVE")
    address = scene.address()
    leave(terminal)
    if terminal.master >= 0:
        terminal.wait_for_end()
    else:
        terminal.process.wait(PATIENCE)
    if leave in (press_q, press_ctrl_c):
        assert terminal.process.returncode == 0
        assert not scene.processes(), "all is over before the prompt is back"
        assert not scene.shops()
    assert_nothing_is_left(scene, address)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_ending_it_before_the_shop_is_open_leaves_nothing(number: signal.Signals, scene: Scene) -> None:
    process = subprocess.Popen(COMMAND, env=scene.environ, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    deadline = time.monotonic() + PATIENCE
    while not scene.shops():
        assert time.monotonic() < deadline
        select.select([], [], [], 0.01)
    process.send_signal(number)
    process.communicate(timeout=PATIENCE)
    while scene.processes() or scene.shops():
        assert time.monotonic() < deadline, f"left over: {scene.processes()} {scene.shops()}"
        select.select([], [], [], 0.05)


def test_a_backend_that_dies_comes_back_and_nothing_is_missing(scene: Scene, terminal: Terminal) -> None:
    terminal.wait_for("Completed 40")
    host, port = scene.address()
    (backend,) = [pid for pid in scene.processes() if port in _listening(pid)]
    os.kill(backend, signal.SIGKILL)
    terminal.wait_for("STALE since")
    terminal.wait_for_live()
    assert scene.address() == (host, port)
    terminal.press(b"\x03")
    terminal.wait_for_end()
    assert_nothing_is_left(scene, (host, port))


def test_without_a_terminal_it_plays_the_story(scene: Scene) -> None:
    done = subprocess.run(
        COMMAND, env=scene.environ, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    steps = re.findall(r"^ok +(\d+)  (.+)$", done.stdout, re.MULTILINE)
    assert [int(number) for number, _ in steps] == list(range(1, len(steps) + 1))
    assert len(steps) >= 13
    assert f"All {len(steps)} steps held." in done.stdout
    assert not scene.processes()
    assert not scene.shops()


def test_on_postgres_it_plays_the_same_story(scene: Scene) -> None:
    done = subprocess.run(
        [*COMMAND, "--postgres", "--story"], env=scene.environ, capture_output=True, text=True, timeout=PATIENCE
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "All 14 steps held." in done.stdout
    assert (scene.processes(), list(scene.folder.glob("mechtui-*"))) == ([], [])


def test_a_kept_shop_is_still_there_the_next_time(scene: Scene, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    for visit in ("first", "second"):
        terminal = Terminal(scene, "--keep", str(kept))
        terminal.wait_for("Completed 40")
        terminal.wait_for("LIVE")
        terminal.press(b"\x03")
        assert terminal.wait_for_end() == 0, visit
        terminal.close()
        assert not scene.processes()
        assert (kept / "shop.db").exists()
        assert [path.name for path in kept.iterdir() if path.stat().st_mode & 0o077] == []
    assert not scene.shops()


def test_a_folder_with_another_database_is_left_alone(scene: Scene, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "shop.db").write_text("not ours")
    assert "no demo finished; name another folder" in refusal(scene, tmp_path / "mine")
    assert (tmp_path / "mine" / "shop.db").read_text() == "not ours"


def test_a_file_is_no_folder_to_keep_a_shop_in(scene: Scene, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert "cannot be used as a folder (File exists); name another" in refusal(scene, tmp_path / "file")


def refusal(scene: Scene, keep: Path) -> str:
    """What the demo says when it does not open."""
    done = subprocess.run(
        [*COMMAND, "--keep", str(keep)],
        env=scene.environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    return done.stderr
