"""One login, in a process of its own, right after the fork: the program as at a shell, and its end."""

import fcntl
import os
import resource
import signal
import sys
import termios
import traceback
from collections.abc import Sequence
from typing import NoReturn

from mechtui.app import ThemedApp
from mechtui.cli import run
from mechtui.exits import CommandError, say
from mechtui.ssh import errands
from mechtui.ssh.job import CRASHED, Job
from mechtui.text import SafeText

_LIMITS = {
    resource.RLIMIT_CORE: 0,
    resource.RLIMIT_NOFILE: 256,
    resource.RLIMIT_FSIZE: 64 * 1024 * 1024,
    resource.RLIMIT_DATA: 768 * 1024 * 1024,
}
"""One login takes neither the disk nor the memory of the others."""
_BEHIND_THE_FRONT = 5
"""What a login gives way to the front by, which carries everybody's keys."""
_STREAMS = {"stdin": "r", "stdout": "w", "stderr": "w"}
"""Made anew: those of the fork server remember what kind of file they led to."""
_SIGNALS = (signal.SIGCHLD, signal.SIGHUP, signal.SIGTERM, signal.SIGQUIT)


def live(job: Job, descriptors: Sequence[int]) -> NoReturn:
    """Be the process of this login until it ends; never returns to the fork server."""
    code = CRASHED
    log = os.dup(sys.stderr.fileno())
    crashes: list[str] = []
    try:
        _settle_in(job, descriptors)
        ThemedApp.tell_crash = crashes.append
        code = _run(job)
    except BaseException:
        crashes.append(traceback.format_exc())
    finally:
        _end(job, code, crashes, log)


def _run(job: Job) -> int:
    try:
        return run([] if job.command is None else errands.words_of(job.command), errands.check)
    except CommandError as error:
        say(str(error))
        return error.code
    except SystemExit as end:  # argparse has said what is wrong
        return end.code if isinstance(end.code, int) else 0


def _end(job: Job, code: int, crashes: Sequence[str], log: int) -> NoReturn:
    """Leave without the fork server's own endings; a crash is told in the log, without the values of variables."""
    for crash in crashes:
        os.write(log, logged(job.login, crash))
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(CRASHED if crashes else code)


def logged(login: int, crash: str) -> bytes:
    """What the log says of a crash. The words of an error may be a customer's, and somebody will read the log."""
    return SafeText.block(f"mechtui: login {login} crashed\n{crash}").encode()


def _settle_in(job: Job, descriptors: Sequence[int]) -> None:
    """A session, a terminal, an environment and limits of one's own; nothing of the fork server's is left."""
    os.setsid()
    signal.set_wakeup_fd(-1)
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    _take(job, descriptors)
    for limit, value in _LIMITS.items():
        resource.setrlimit(limit, (value, value))
    os.nice(_BEHIND_THE_FRONT)
    os.environ.clear()
    os.environ.update(job.environ)
    os.chdir(job.environ["HOME"])
    os.umask(0o077)


def _take(job: Job, descriptors: Sequence[int]) -> None:
    """Put the descriptors where programs look for them."""
    if job.terminal:
        (terminal,) = descriptors
        fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)
        places = [terminal, terminal, terminal]
    else:
        places = [os.open(os.devnull, os.O_RDONLY), *descriptors]
    for place, descriptor in enumerate(places):
        os.dup2(descriptor, place)
    for descriptor in set(places):
        os.close(descriptor)
    for place, (name, mode) in enumerate(_STREAMS.items()):
        stream = open(place, mode, encoding="utf-8", closefd=False)  # noqa: SIM115 - it is there to the end
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)
