"""The fork server: has imported the dashboard, and forks for each login. One thread, no network, no database.

The front runs it as `python -m mechtui.ssh.forks DESCRIPTOR`; it ends when the front does. Its standard error is
the front's log.
"""

import gc
import importlib
import os
import pkgutil
import select
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress

from mechtui.cli import command_line
from mechtui.models import Answer
from mechtui.ssh.child import live
from mechtui.ssh.job import Begun, Job, Message, Order, Over, receive, send
from mechtui.ssh.rehearsal import rehearse
from mechtui.trust import trusted

WARM = ("mechtui.screens", "mechtui.widgets", "mechtui.vehicle", "mechtui.search", "mechtui.models", "mechtui.commands")
NOT_HERE = {f"mechtui.commands.{name}" for name in ("admin", "doctor", "everything", "forget", "moving", "ssh")}
"""What works on the database itself, which no login may."""
_FAREWELL_SECONDS = 3.0
"""How long children may take to end when the front is gone, before they are killed."""


class ForkServer:
    """The children there are, by the number of their login."""

    def __init__(self, control: socket.socket, wakeup: socket.socket) -> None:
        self._control = control
        self._wakeup = wakeup
        self._children: dict[int, int] = {}

    def serve(self) -> None:
        """Fork and signal as the front asks, and tell it who ended; until it is gone."""
        with suppress(ConnectionError):
            while True:
                ready, _, _ = select.select([self._control, self._wakeup], [], [])
                if self._wakeup in ready:
                    for over in self._reap():
                        send(self._control, over)
                if self._control in ready:
                    received = receive(self._control)
                    if received is None:
                        return
                    self._obey(*received)

    def farewell(self) -> None:
        """Every line is gone: hang up for all, then kill who stays."""
        for number in (signal.SIGHUP, signal.SIGKILL):
            for pid in self._children.values():
                os.kill(pid, number)
            until = time.monotonic() + _FAREWELL_SECONDS
            while self._children and (left := until - time.monotonic()) > 0:
                if select.select([self._wakeup], [], [], left)[0]:
                    list(self._reap())

    def _obey(self, message: Message, descriptors: Sequence[int]) -> None:
        match message:
            case Job():
                self._fork(message, descriptors)
            case Order(login, number) if login in self._children:
                os.kill(self._children[login], number)

    def _fork(self, job: Job, descriptors: Sequence[int]) -> None:
        pid = os.fork()
        if pid == 0:
            self._control.close()
            self._wakeup.close()
            live(job, descriptors)
        for descriptor in descriptors:
            os.close(descriptor)
        self._children[job.login] = pid
        send(self._control, Begun(job.login, pid))

    def _reap(self) -> Iterator[Over]:
        """Who has ended. One signal may stand for several."""
        with suppress(BlockingIOError):
            while self._wakeup.recv(4096):
                pass
        for login, pid in list(self._children.items()):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                del self._children[login]
                yield Over(login, status)


def warm() -> None:
    """Import and build all that a login may come to need: then it is shared, and there at once."""
    for name in WARM:
        package = importlib.import_module(name)
        for module in pkgutil.iter_modules(package.__path__, f"{name}."):
            if module.name not in NOT_HERE:
                importlib.import_module(module.name)
    command_line()
    build(Answer)
    for scheme in ("http:", "https:"):
        trusted(scheme)
    rehearse()
    if threading.active_count() > 1:
        raise RuntimeError("a thread is left of the rehearsal: what it holds would be held in every child")
    gc.collect()
    gc.freeze()


def build(model: type[Answer]) -> None:
    """Build a model and all made from it, which else wait for their first use: what a start uses takes a megabyte."""
    model.model_rebuild()
    for kind in model.__subclasses__():
        build(kind)


def main() -> None:
    """Serve the front at the other end of the descriptor named."""
    control = socket.socket(fileno=int(sys.argv[1]))
    wakeup, awake = socket.socketpair()
    for side in (wakeup, awake):
        side.setblocking(False)
    signal.set_wakeup_fd(awake.fileno())
    signal.signal(signal.SIGCHLD, lambda *_: None)
    warm()
    server = ForkServer(control, wakeup)
    server.serve()
    server.farewell()


if __name__ == "__main__":
    main()
