"""The front's side of the fork server: starts it, and starts it again; hands it logins, and hears how they end."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Sequence
from typing import NamedTuple

from mechtui.environ import for_others
from mechtui.ssh.job import CRASHED, Begun, Job, Order, Over, receive, send

_ATTEMPTS = 3
"""How often a login is tried when the fork server ends under it."""


class Ending(NamedTuple):
    """How a login's process ended, as `os.waitpid` says; nothing is known of one whose fork server is gone."""

    status: int | None

    @property
    def code(self) -> int:
        """What a shell would call it: 128 and more for a signal, as for what is not known."""
        if self.status is None:
            return 128
        code = os.waitstatus_to_exitcode(self.status)
        return code if code >= 0 else 128 - code

    @property
    def broken(self) -> bool:
        """Whether it did not end by itself, or by a fault."""
        return self.status is None or os.WIFSIGNALED(self.status) or self.code == CRASHED

    def __str__(self) -> str:
        if self.status is None:
            return "how is not known"
        return f"signal {self.code - 128}" if os.WIFSIGNALED(self.status) else f"status {self.code}"


class Child:
    """The process of one login."""

    def __init__(self, login: int, order: Callable[[Order], None]) -> None:
        loop = asyncio.get_running_loop()
        self.begun: asyncio.Future[bool] = loop.create_future()
        self.ending: asyncio.Future[Ending] = loop.create_future()
        self.pid = 0
        """Known from when it has begun."""
        self._login = login
        self._order = order

    def signal(self, number: signal.Signals) -> None:
        """Signal it, if it is still there."""
        if not self.ending.done():
            self._order(Order(self._login, number))


class Forking:
    """A fork server that is always there. `tell` is told what went wrong."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._line: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._children: dict[int, Child] = {}

    @property
    def pid(self) -> int:
        """The process of the fork server."""
        assert self._process is not None
        return self._process.pid

    @property
    def children(self) -> tuple[Child, ...]:
        """The processes of the logins there are."""
        return tuple(self._children.values())

    def start(self) -> None:
        """Start the fork server; it takes logins at once, and begins them when it is warm."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.setblocking(False)
        command = [sys.executable, "-X", "utf8", "-m", "mechtui.ssh.forks", str(theirs.fileno())]
        self._process = subprocess.Popen(
            command,
            env=for_others() | {"MECHTUI_REMOTE": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
            start_new_session=True,
        )
        theirs.close()
        self._line = ours
        asyncio.get_running_loop().add_reader(ours, self._hear)

    async def begin(self, job: Job, descriptors: Sequence[int]) -> Child:
        """Have a process begun for a login; it has the descriptors, which stay the caller's to close here."""
        for _ in range(_ATTEMPTS):
            if self._line is None:
                self.start()
            child = self._children[job.login] = Child(job.login, self._order)
            try:
                await self._send(job, descriptors)
            except ConnectionError:
                self._lost()
            if await child.begun:
                return child
        raise ConnectionError("the fork server ends as soon as it is started")

    async def close(self) -> None:
        """Let the fork server go, and all who are left with it."""
        if self._process is None:
            return
        self._let_go()
        await asyncio.to_thread(self._process.wait)

    async def _send(self, job: Job, descriptors: Sequence[int]) -> None:
        loop = asyncio.get_running_loop()
        while True:
            assert self._line is not None
            try:
                send(self._line, job, descriptors)
            except BlockingIOError:
                ready = asyncio.Event()
                loop.add_writer(self._line, ready.set)
                await ready.wait()
                loop.remove_writer(self._line)
            else:
                return

    def _order(self, order: Order) -> None:
        if self._line is not None:
            try:
                send(self._line, order)
            except BlockingIOError:
                asyncio.get_running_loop().call_later(0.05, self._order, order)
            except ConnectionError:
                self._lost()

    def _hear(self) -> None:
        assert self._line is not None
        try:
            received = receive(self._line)
        except BlockingIOError:
            return
        except ConnectionError:
            received = None
        match received:
            case None:
                self._lost()
            case (Begun(login, pid), _) if login in self._children:
                self._begin(self._children[login], pid)
            case (Over(login, status), _) if login in self._children:
                self._end(login, Ending(status))

    def _lost(self) -> None:
        """The fork server is gone. The logins it began go on; how they end can only be seen from their lines."""
        if self._line is None:
            return
        self._let_go()
        assert self._process is not None
        self._process.kill()
        self._process.wait()
        self._tell("the fork server ended; another is started for the next login")
        for login in list(self._children):
            self._end(login, Ending(None))

    def _begin(self, child: Child, pid: int) -> None:
        child.pid = pid
        child.begun.set_result(True)

    def _end(self, login: int, ending: Ending) -> None:
        child = self._children.pop(login)
        child.ending.set_result(ending)
        if not child.begun.done():
            child.begun.set_result(False)

    def _let_go(self) -> None:
        if self._line is not None:
            asyncio.get_running_loop().remove_reader(self._line)
            self._line.close()
            self._line = None
