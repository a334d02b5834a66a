"""The demo's shop as whoever opened it sees it: where it is, the keys to it, and how it is closed again.

The shop itself is another process, `keeper`, so that it cannot slow the dashboard. It lives as long as the pipe to it
is open: when this process ends in whatever way, the keeper ends the backend and the customers and clears up.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass

_CLOSING_SECONDS = 10
"""The keeper gives its own children three seconds twice at the most; then something is wrong and all are killed."""


class ShopError(Exception):
    """The shop could not be opened; the message says why."""


@dataclass(frozen=True)
class Order:
    """What kind of shop is wanted. `keep` is a folder to leave it in, else it is thrown away.

    With `people` some sessions are open, and customers and a rival come; without, nobody is there. With `postgres` its
    database is on a PostgreSQL server of its own.
    """

    seed: int
    speed: float
    keep: str | None
    people: bool
    postgres: bool = False


@dataclass(frozen=True)
class OpenShop:
    """A shop that is open: the backend's address, the folder it is in, its database, and a token for each part."""

    server: str
    folder: str
    database: str
    dana: str
    sam: str
    desk: str


@contextmanager
def open_shop(order: Order) -> Iterator[OpenShop]:
    """Open a shop and close it at the end. Raises `ShopError`."""
    command = [sys.executable, "-m", "mechtui.server.demo.keeper"]
    keeper = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8", start_new_session=True
    )
    try:
        yield _opened(keeper, order)
    finally:
        _close(keeper)


def _opened(keeper: subprocess.Popen[str], order: Order) -> OpenShop:
    assert keeper.stdin is not None
    assert keeper.stdout is not None
    keeper.stdin.write(json.dumps(asdict(order)) + "\n")
    keeper.stdin.flush()
    answer = json.loads(keeper.stdout.readline() or '{"error": "its keeper ended without a word"}')
    if "error" in answer:
        raise ShopError(answer["error"])
    return OpenShop(**answer)


def _close(keeper: subprocess.Popen[str]) -> None:
    """Let go of the pipe and wait until everything is cleared up."""
    assert keeper.stdin is not None
    assert keeper.stdout is not None
    keeper.stdin.close()
    keeper.stdout.close()
    try:
        keeper.wait(_CLOSING_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(keeper.pid, signal.SIGKILL)
        keeper.wait()
