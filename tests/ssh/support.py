"""A front that really listens, before a real backend, and clients with a terminal as OpenSSH's has one."""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import asyncssh
import pyte

from mechtui.config import Rules
from mechtui.config_ssh import SshSettings
from mechtui.server import logins, public_key
from mechtui.ssh.forking import Child
from mechtui.ssh.front import open_front
from mechtui.ssh.host_key import HostKey, host_key
from mechtui.ssh.house import House
from tests.server.live import Shop, open_shop

PATIENCE = 90
"""Seconds after which something is taken to never come; nothing is measured by it."""
_NOT_KNOWN_TO_PYTE = re.compile(rb"\x1b\[[<>=?][0-9;]*[a-zA-Z]|\x1b\[[0-9;]*[t$][a-z]?")


@dataclass
class Way:
    """A way in: a front, the backend behind it, and Ann's key."""

    shop: Shop
    house: House
    host_key: HostKey
    port: int
    ann: asyncssh.SSHKey
    told: list[str] = field(default_factory=list)

    def connect(self, key: asyncssh.SSHKey | None = None, **options: Any) -> Any:
        """A line to the front, with Ann's key unless another is given; its host key is checked."""
        known = asyncssh.import_known_hosts(
            f"[127.0.0.1]:{self.port} {self.host_key.key.export_public_key().decode().strip()}\n"
        )
        offered = {"client_keys": [key or self.ann], "known_hosts": known, "username": "whoever", "config": None}
        return asyncssh.connect("127.0.0.1", self.port, **(offered | {"agent_path": None} | options))

    def let_in(self, mechanic_id: str) -> asyncssh.SSHKey:
        """A new key for a mechanic."""
        key = asyncssh.generate_private_key("ssh-ed25519")
        logins.add_key(self.shop.database, mechanic_id, public_key.read(key.export_public_key().decode()))
        return key

    @property
    def children(self) -> tuple[Child, ...]:
        """The processes of the logins there are."""
        return self.house.forking.children


class Terminal:
    """A terminal with a program at the other end of the line."""

    def __init__(self, process: Any, size: tuple[int, int]) -> None:
        self.process = process
        self.raw = bytearray()
        self.screen = pyte.Screen(*size)
        self._stream = pyte.ByteStream(self.screen)
        self._news = asyncio.Event()
        self._reading = asyncio.create_task(self._read())

    @property
    def text(self) -> str:
        """What can be seen."""
        return "\n".join(self.screen.display)

    async def until(self, words: str, gone: str = "\0") -> None:
        """Wait until these words are on the screen, and those that should be gone are."""
        try:
            async with asyncio.timeout(PATIENCE):
                while (words not in self.text or gone in self.text) and not self._reading.done():
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            pass
        assert words in self.text, f"{words!r} never came; there is:\n{self.text}"

    async def ended(self) -> int:
        """Wait for the end; the exit status."""
        async with asyncio.timeout(PATIENCE):
            await self._reading
            await self.process.wait_closed()
        return int(self.process.exit_status if self.process.exit_status is not None else -1)

    def press(self, keys: str) -> None:
        """Type."""
        self.process.stdin.write(keys.encode())

    def resize(self, columns: int, rows: int) -> None:
        """Make the window another size."""
        self.screen.resize(rows, columns)
        self.process.change_terminal_size(columns, rows)

    async def _read(self) -> None:
        while data := await self.process.stdout.read(65536):
            self.raw += data
            self._stream.feed(_NOT_KNOWN_TO_PYTE.sub(b"", data))
            self._news.set()
        self._news.set()


@contextlib.asynccontextmanager
async def open_way(database: str, folder: Path, **settings: Any) -> AsyncIterator[Way]:
    """Open a shop and its front for the block; `settings` are the front's."""
    async with open_shop(database, rules=Rules(completed_seconds=0)) as shop:
        given = SshSettings(database, shop.url, folder / "host_key", folder / "homes", port=0)
        key = host_key(given.host_key)
        told: list[str] = []
        async with open_front(replace(given, **settings), key, told.append) as front:
            way = Way(shop, front.house, key, front.port, asyncssh.generate_private_key("ssh-ed25519"), told)
            line = way.ann.export_public_key().decode()
            logins.add_key(database, shop.ann.id, public_key.read(line))
            yield way


async def open_terminal(
    line: asyncssh.SSHClientConnection, command: str | None = None, size: tuple[int, int] = (100, 30), **more: Any
) -> Terminal:
    """A terminal on this line."""
    given = {"term_type": "xterm-256color", "term_size": size, "encoding": None} | more
    return Terminal(await line.create_process(command, **given), size)
