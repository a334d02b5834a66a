"""One login: a channel of a mechanic's line, and the process behind it."""

import asyncio
import fcntl
import os
import re
import signal
import struct
import termios
from collections.abc import Callable
from typing import Any

import asyncssh

from mechtui.exits import Exit
from mechtui.server.db.errors import DatabaseError
from mechtui.server.logins import KnownMechanic
from mechtui.ssh.client_side import SMALLEST, Size, environ_of, is_too_small, size_of
from mechtui.ssh.forking import Child, Ending
from mechtui.ssh.house import LEAVING_SECONDS, House
from mechtui.ssh.job import Job
from mechtui.ssh.lines import Input, Output
from mechtui.ssh.screen import RESET, ScreenWatch
from mechtui.terminal import SHOWS_NOTHING, shows_nothing
from mechtui.text import SafeText

NO_TERMINAL = "the dashboard needs a terminal: ssh -t; for scripts there is: ssh HOST mechtui list incoming"
TOO_SMALL = "your screen has {}×{} characters, and the dashboard needs {}×{}: make it larger, and log in again"
BROKEN = "mechtui ended by a fault of its own ({}); the shop's log says more under login {}. "
AS_THEY_WERE = "Your sessions are as they were; log in again"
_TOKEN = re.compile(r"mt[a-z]_[\w-]+")
_KEPT = ("TZ", "SSL_CERT_FILE", "SSL_CERT_DIR")
_PASSED_ON = {name: signal.Signals[f"SIG{name}"] for name in ("INT", "TERM", "HUP", "QUIT")}


class Login(asyncssh.SSHServerSession[bytes]):
    """What a mechanic came for, from the request to the exit status."""

    def __init__(self, house: House, mechanic: KnownMechanic, address: tuple[str, ...]) -> None:
        self.mechanic = mechanic
        self._house = house
        self._address = address
        self._number = house.number()
        self._chan: asyncssh.SSHServerChannel[bytes]
        self._command: str | None = None
        self._terminal = ""
        self._size = Size(0, 0)
        self._child: Child | None = None
        self._outputs: list[Output] = []
        self._input: Input | None = None
        self._screen = ScreenWatch()
        self._words = ""
        self._typed_at = asyncio.get_running_loop().time()
        self._task: asyncio.Task[None] | None = None

    # --- what the client asks -------------------------------------------------------------------------------

    def connection_made(self, chan: "asyncssh.SSHServerChannel[bytes]") -> None:
        """The channel is open."""
        self._chan = chan

    def pty_requested(self, term_type: str, term_size: tuple[int, int, int, int], term_modes: Any) -> bool:
        """The client has a terminal."""
        self._terminal = term_type or "dumb"
        self._size = size_of(term_size[0], term_size[1])
        return True

    def shell_requested(self) -> bool:
        """The dashboard is wanted."""
        return True

    def exec_requested(self, command: str) -> bool:
        """A command is wanted; whether it is one of ours is seen where it is run."""
        self._command = None if command.strip() == "mechtui" else command
        return True

    def subsystem_requested(self, subsystem: str) -> bool:
        """Nothing but mechtui is served: no file transfer."""
        return False

    def session_started(self) -> None:
        """All is said; begin."""
        self._task = asyncio.get_running_loop().create_task(self._serve())

    def terminal_size_changed(self, width: int, height: int, pixwidth: int, pixheight: int) -> None:
        """The window was resized."""
        self._size = size_of(width, height)
        if self._outputs and self._terminal and not self._outputs[0].ended.done():
            _resize(self._outputs[0].descriptor, self._size)

    def data_received(self, data: bytes, datatype: int | None) -> None:
        """Something was typed."""
        self._typed_at = asyncio.get_running_loop().time()
        if self._input is not None:
            self._input.write(data)

    def eof_received(self) -> bool:
        """The client sends no more; it may still want to see what comes."""
        return True

    def signal_received(self, signal: str) -> None:
        """The client sends a signal."""
        if self._child is not None and signal in _PASSED_ON:
            self._child.signal(_PASSED_ON[signal])

    def pause_writing(self) -> None:
        """The line is full."""
        for output in self._outputs:
            output.pause()

    def resume_writing(self) -> None:
        """The line takes more."""
        for output in self._outputs:
            output.resume()

    def connection_lost(self, exc: Exception | None) -> None:
        """The line is gone: the process is hung up, and gone soon."""
        self._close_lines()
        if self._child is not None:
            if not self._terminal:
                self._child.signal(signal.SIGHUP)
            asyncio.get_running_loop().call_later(LEAVING_SECONDS, self.kill)

    # --- what the house asks --------------------------------------------------------------------------------

    @property
    def idle_seconds(self) -> float:
        """For how long nothing was typed into the dashboard."""
        return asyncio.get_running_loop().time() - self._typed_at if self._terminal else 0.0

    def leave(self, words: str) -> None:
        """End, in order, and tell why."""
        if not self._words:
            self._words = words
            if self._child is not None:
                self._child.signal(signal.SIGTERM)
                asyncio.get_running_loop().call_later(LEAVING_SECONDS, self.kill)

    def kill(self) -> None:
        """End at once."""
        if self._child is not None:
            self._child.signal(signal.SIGKILL)

    # --- from beginning to end ------------------------------------------------------------------------------

    async def _serve(self) -> None:
        refusal = self._misfit() or self._house.enter(self)
        if refusal:
            self._log(f"refused: {refusal}")
            self._end(refusal, Exit.REFUSED)
            return
        try:
            await self._live()
        except (DatabaseError, OSError) as error:
            self._log(f"failed: {error}")
            self._end("the shop cannot let you in just now; try again", Exit.NOT_REACHED)
        finally:
            self._close_lines()
            self._house.left(self)

    def _misfit(self) -> str:
        """Why the client's terminal is none for the dashboard; nothing for a command."""
        if self._command is not None:
            return ""
        if not self._terminal:
            return NO_TERMINAL
        if shows_nothing({"TERM": self._terminal}):
            return SHOWS_NOTHING
        return TOO_SMALL.format(*self._size, *SMALLEST) if is_too_small(self._size) else ""

    async def _live(self) -> None:
        job = Job(self._number, self._command, bool(self._terminal), await self._environ())
        theirs = self._open_lines()
        try:
            self._child = await self._house.forking.begin(job, theirs)
        finally:
            for descriptor in theirs:
                os.close(descriptor)
        self._log(f"in from {self._address[0]} with {self.mechanic.fingerprint}: {self._command or 'dashboard'}")
        if self._words or self._chan.is_closing():  # told to leave, or gone, while the process was begun
            self._child.signal(signal.SIGHUP)
        ending = await self._child.ending
        await asyncio.gather(*(output.ended for output in self._outputs))
        self._log(f"out: {ending}")
        self._end(self._words or self._fault(ending), ending.code)

    async def _environ(self) -> dict[str, str]:
        """What the process is to know: a token as if it had been set by hand, and nothing of the front's."""
        token = await self._house.token_for(self.mechanic)
        kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
        return (
            kept
            | environ_of(self._terminal, self._chan.get_environment_bytes())
            | {
                "HOME": str(self._house.home_of(self.mechanic)),
                "PATH": "/nowhere",
                "SSH_CONNECTION": " ".join(self._address),
                "MECHTUI_SERVER": self._house.settings.server,
                "MECHTUI_TOKEN": token,
            }
        )

    def _open_lines(self) -> list[int]:
        """Lay the lines to a process; its ends of them."""
        if self._terminal:
            ours, theirs = os.openpty()
            _resize(ours, self._size)
            self._outputs = [Output(ours, self._show)]
            self._input = Input(ours, self._hold)
            return [theirs]
        pairs = [os.pipe() for _ in range(2)]
        writes: tuple[Callable[[bytes], None], ...] = (self._chan.write, self._chan.write_stderr)
        self._outputs = [Output(ours, write) for (ours, _), write in zip(pairs, writes, strict=True)]
        return [theirs for _, theirs in pairs]

    def _close_lines(self) -> None:
        if self._input is not None:
            self._input.close()
            self._input = None
        for output in self._outputs:
            output.close()

    def _show(self, output: bytes) -> None:
        self._screen.saw(output)
        self._chan.write(output)

    def _hold(self, full: bool) -> None:
        if full:
            self._chan.pause_reading()
        else:
            self._chan.resume_reading()

    def _fault(self, ending: Ending) -> str:
        return BROKEN.format(ending, self._number) + AS_THEY_WERE if ending.broken else ""

    def _end(self, words: str, status: int) -> None:
        """Tell him, and hang up; the terminal is his again as it was before."""
        if self._chan.is_closing():
            return
        if self._screen.taken:
            self._chan.write(RESET)
        if words:
            said = f"mechtui: {words}"
            if self._terminal:
                self._chan.write(f"{said}\r\n".encode())
            else:
                self._chan.write_stderr(f"{said}\n".encode())
        self._chan.exit(status)

    def _log(self, words: str) -> None:
        """Tell the log; not of a token that somebody put into his command."""
        words = _TOKEN.sub("(a token)", words)
        self._house.tell(f"login {self._number} of {SafeText(self.mechanic.name)}, {SafeText(words)}")


def _resize(descriptor: int, size: Size) -> None:
    fcntl.ioctl(descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", size.rows, size.columns, 0, 0))
