"""What the front asks of the fork server, and what it is told: one message each, with descriptors beside it."""

import json
import os
import socket
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

MESSAGE_BYTES = 32 * 1024
CRASHED = 70
"""The exit status of a child that ended by a fault of its own, and has said so in the log."""


@dataclass(frozen=True)
class Job:
    """A login: its number, what was asked (nothing: the dashboard), and the environment it is to have.

    With `terminal` its one descriptor is a terminal; else there are two, for output and errors.
    """

    login: int
    command: str | None
    terminal: bool
    environ: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True)
class Order:
    """A signal for the process of a login."""

    login: int
    signal: int


@dataclass(frozen=True)
class Begun:
    """The process of a login."""

    login: int
    pid: int


@dataclass(frozen=True)
class Over:
    """How the process of a login ended: `status` as `os.waitpid` gives it."""

    login: int
    status: int


Message = Job | Order | Begun | Over
_KINDS: dict[str, type[Message]] = {kind.__name__: kind for kind in (Job, Order, Begun, Over)}


def send(line: socket.socket, message: Message, descriptors: Sequence[int] = ()) -> None:
    """Send one message. Raises `BlockingIOError` when the line is full, `OSError` when the other side is gone."""
    text = json.dumps({"kind": type(message).__name__, **asdict(message)}).encode()
    if len(text) > MESSAGE_BYTES:
        raise ValueError(f"a message of {len(text)} bytes")
    socket.send_fds(line, [text], list(descriptors), socket.MSG_NOSIGNAL)


def receive(line: socket.socket) -> tuple[Message, list[int]] | None:
    """One message and its descriptors; nothing when the other side is gone."""
    text, descriptors, _, _ = socket.recv_fds(line, MESSAGE_BYTES + 1, 2)
    for descriptor in descriptors:
        os.set_inheritable(descriptor, False)
    if not text:
        return None
    fields: dict[str, Any] = json.loads(text)
    return _KINDS[fields.pop("kind")](**fields), descriptors
