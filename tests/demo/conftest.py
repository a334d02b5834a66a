"""A real backend in this process, without a port, and the people who use it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from mechtui.api_client import DeskClient, MechanicClient
from mechtui.config import Rules, ServerSettings
from mechtui.server.accounts import add_desk, add_mechanic
from mechtui.server.app import Backend
from mechtui.server.demo.live import Pace

SPEED = 500.0


@dataclass(frozen=True)
class SmallShop:
    """Two mechanics, the front desk, and time that passes fast."""

    dana: MechanicClient
    sam: MechanicClient
    desk: DeskClient
    pace: Pace


@pytest.fixture
async def small_shop(tmp_path: Path) -> AsyncIterator[SmallShop]:
    url = f"sqlite:///{tmp_path / 'shop.db'}"
    dana_token, sam_token = (add_mechanic(url, name).token for name in ("Dana", "Sam"))
    desk_token = add_desk(url, "Desk").token
    backend = Backend(ServerSettings(url, rules=Rules(completed_seconds=0)), stop=lambda why: None)
    transport = httpx.ASGITransport(backend)
    async with (
        backend.http.router.lifespan_context(backend.http),
        MechanicClient("http://127.0.0.1", dana_token, transport=transport) as dana,
        MechanicClient("http://127.0.0.1", sam_token, transport=transport) as sam,
        DeskClient("http://127.0.0.1", desk_token, transport=transport) as desk,
    ):
        yield SmallShop(dana, sam, desk, Pace(SPEED))
