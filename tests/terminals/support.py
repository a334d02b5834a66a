"""The real dashboard in a real pty, with one request in its list."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.hostile.terminal import Terminal, terminal
from tests.server.live import Shop, open_shop
from tests.server.support import database_url

BARE = "tests.terminals.bare_dashboard"


@dataclass
class Seat:
    """A mechanic's terminal, the shop it shows, and the request in its list."""

    shop: Shop
    request: str
    screen: Terminal

    async def status(self) -> str:
        """How the request stands."""
        answer = await self.shop.get(f"/api/sessions/{self.request}")
        return str(answer.json()["session"]["status"])


@asynccontextmanager
async def seated(
    tmp_path: Path, module: str = "mechtui", size: tuple[int, int] = (80, 24), **environ: str
) -> AsyncIterator[Seat]:
    async with open_shop(database_url(tmp_path / "shop.db")) as shop:
        request = await shop.submit()
        own = {"MECHTUI_TOKEN": shop.ann.token, "HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path)}
        async with terminal(module, ["--server", shop.url], own | environ, size) as screen:
            await screen.sees("It stalls.")
            yield Seat(shop, request, screen)
