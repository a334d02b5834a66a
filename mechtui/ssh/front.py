"""`mechtui ssh`: the front as a process, from the host key to the last goodbye."""

import asyncio
import logging
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from mechtui.config_ssh import SshSettings
from mechtui.server.clock import stamp, utc_now
from mechtui.server.db.engine import engine_of
from mechtui.ssh import door
from mechtui.ssh.host_key import HostKey, host_key
from mechtui.ssh.house import House


@dataclass(frozen=True)
class Front:
    """A front that is open."""

    house: House
    port: int


@dataclass(frozen=True)
class Address:
    """Where the front listens."""

    host: str
    port: int


def run_front(settings: SshSettings, opened: Callable[[Address, HostKey], None]) -> int:
    """Serve until SIGTERM or Ctrl+C; the exit status. `opened` is told when one can log in.

    Raises `ConfigError` for a host key that cannot be used, `DatabaseError`, and `OSError` when it cannot listen.
    """
    key = host_key(settings.host_key)
    with engine_of(settings.database).changing():
        pass  # a database that cannot be used is found now, not at the first login
    logging.getLogger("asyncssh").setLevel(logging.WARNING)
    return asyncio.run(_serve(settings, key, opened))


@asynccontextmanager
async def open_front(settings: SshSettings, key: HostKey, tell: Callable[[str], None]) -> AsyncIterator[Front]:
    """Keep the front open for the block; at its end everybody is sent home. Raises `OSError`."""
    house = House(settings, key, tell)
    lines: door.Lines = {}
    acceptor = await door.listen(house, key.key, lines)
    house.forking.start()
    watch = asyncio.create_task(house.watch())
    try:
        yield Front(house, acceptor.get_port())
    finally:
        acceptor.close()
        watch.cancel()
        await house.close()
        await door.close(lines)
        with suppress(asyncio.CancelledError):
            await watch


async def _serve(settings: SshSettings, key: HostKey, opened: Callable[[Address, HostKey], None]) -> int:
    over = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, over.set)
    async with open_front(settings, key, tell) as front:
        opened(Address(settings.host, front.port), key)
        await over.wait()
    return 0


def tell(words: str) -> None:
    """Write a line of the log, on standard error; the words are safe, or ours."""
    print(f"{stamp(utc_now())} {words}", file=sys.stderr, flush=True)
