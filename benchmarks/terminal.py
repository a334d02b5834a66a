"""A terminal for a real program: a pty whose other end answers what terminals are asked, and times what comes.

A key's time goes from writing it to the last byte of the burst it causes, which ends when nothing came for a while.
Between two keys lies a pause of changing length, so that keys do not fall in step with a program's own frames.
"""

import os
import pty
import re
import select
import subprocess
import termios
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

QUIET_SECONDS = 0.03
"""A burst is over when nothing came for so long."""
_FRAME_SECONDS = 1 / 60
_GOLDEN = 0.6180339887498949
_ANSWERS = (
    (re.compile(rb"\x1b\[0?c"), b"\x1b[?62;22c"),
    (re.compile(rb"\x1b\[6n"), b"\x1b[1;1R"),
    (re.compile(rb"\x1b\[\?2026\$p"), b"\x1b[?2026;2$y"),
    (re.compile(rb"\x1b\[\?2048\$p"), b"\x1b[?2048;0$y"),
)
"""What a common terminal says when it is asked what it is, where its cursor stands, and what it can."""


@dataclass(frozen=True)
class Burst:
    """What one key brought: seconds until its last byte, and how many bytes came."""

    seconds: float
    size: int


class Terminal:
    """A program that runs in a pty of `size` columns and rows."""

    def __init__(self, command: Sequence[str], env: dict[str, str], size: tuple[int, int] = (80, 24)) -> None:
        self._mine, theirs = pty.openpty()
        termios.tcsetwinsize(theirs, (size[1], size[0]))
        self.started = time.perf_counter()
        self.process = subprocess.Popen(
            command, stdin=theirs, stdout=theirs, stderr=theirs, env=env, start_new_session=True
        )
        os.close(theirs)
        self._seen = b""
        self._presses = 0

    def until(self, text: str, seconds: float = 30) -> float:
        """Read until `text` was written; the seconds since the program was started. Raises `TimeoutError`."""
        wanted, deadline = text.encode(), time.perf_counter() + seconds
        while wanted not in self._seen:
            if not self._read(deadline - time.perf_counter()):
                raise TimeoutError(f"{text!r} did not come; last was {self._seen[-200:]!r}")
        return time.perf_counter() - self.started

    def settle(self, seconds: float) -> None:
        """Read until nothing came for so long."""
        while self._read(seconds):
            pass

    def rest(self, seconds: float) -> int:
        """Leave the program alone for so long; how many bytes it wrote meanwhile."""
        deadline, size = time.perf_counter() + seconds, 0
        while (left := deadline - time.perf_counter()) > 0:
            size += len(self._read(left))
        return size

    def press(self, key: str) -> Burst:
        """Press a key once all is quiet. Raises `TimeoutError` when nothing comes of it."""
        self._presses += 1
        self.settle(QUIET_SECONDS + self._presses * _GOLDEN % 1 * _FRAME_SECONDS)
        self._seen = b""
        started = last = time.perf_counter()
        os.write(self._mine, key.encode())
        size, patience = 0, 2.0
        while chunk := self._read(patience):
            size, patience, last = size + len(chunk), QUIET_SECONDS, time.perf_counter()
        if not size:
            raise TimeoutError(f"nothing came of the key {key!r}")
        return Burst(last - started, size)

    def cpu_seconds(self) -> float:
        """Time on a CPU so far, of all threads."""
        tasks = Path(f"/proc/{self.process.pid}/task").glob("*/schedstat")
        return sum(int(task.read_text().split()[0]) for task in tasks) / 1e9

    def memory_bytes(self) -> int:
        """Resident memory, shared pages counted in full."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        found = re.search(r"VmRSS:\s+(\d+) kB", status)
        assert found is not None
        return int(found[1]) * 1024

    def close(self) -> None:
        """End the program."""
        self.process.terminate()
        deadline = time.perf_counter() + 5
        while self.process.poll() is None and time.perf_counter() < deadline:
            self._read(0.05)
        self.process.kill()
        self.process.wait()
        os.close(self._mine)

    def _read(self, seconds: float) -> bytes:
        """What comes within so long; empty when nothing does."""
        if not select.select([self._mine], [], [], max(0.0, seconds))[0]:
            return b""
        try:
            chunk = os.read(self._mine, 1 << 16)
        except OSError:  # the program has closed its end
            return b""
        for question, answer in _ANSWERS:
            for _ in question.findall(chunk):
                os.write(self._mine, answer)
        self._seen += chunk
        return chunk


@contextmanager
def terminal(command: Sequence[str], env: dict[str, str], size: tuple[int, int] = (80, 24)) -> Iterator[Terminal]:
    """A program in a terminal for as long as it is needed."""
    screen = Terminal(command, env, size)
    try:
        yield screen
    finally:
        screen.close()
