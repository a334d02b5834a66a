"""A backend that really listens, in the test's own loop, and the accounts to talk to it with."""

import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import httpx

from mechtui.config import Rules, ServerSettings
from mechtui.server import accounts
from mechtui.server.accounts import NewAccount
from mechtui.server.app import Backend
from mechtui.server.clock import Clock, utc_now
from mechtui.server.serve import _config, _listen, _Server
from mechtui.server.tls import certificate
from mechtui.trust import trusted
from tests.server.support import PUBLIC_URL


@dataclass
class Shop:
    """A running backend with mechanics Ann and Bob and the web site's desk."""

    backend: Backend
    server: _Server
    url: str
    database: str
    ann: NewAccount
    bob: NewAccount
    desk: NewAccount
    http: httpx.AsyncClient
    stopped: list[str]
    customers: dict[str, str] = field(default_factory=dict)

    @property
    def backend_port(self) -> int:
        return int(self.url.rpartition(":")[2])

    async def call(self, method: str, path: str, token: str | None, body: Any = None, **headers: str) -> httpx.Response:
        """One call; a write gets a key of its own unless one is given."""
        sent = {"Idempotency-Key": str(uuid.uuid4())} if method == "POST" else {}
        sent |= {"Authorization": f"Bearer {token}"} if token is not None else {}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.http.request(method, path, json=body, headers=sent)

    async def get(self, path: str, token: str | None = None) -> httpx.Response:
        return await self.call("GET", path, token or self.ann.token)

    async def submit(self, **fields: Any) -> str:
        """A new request's id; its customer's token is kept."""
        wish = {"type": "video", "name": "Jo Doe", "concern": "It stalls."} | fields
        answer = await self.call("POST", "/api/intakes", self.desk.token, wish)
        assert answer.status_code == 201, answer.text
        session_id: str = answer.json()["session"]["id"]
        self.customers[session_id] = answer.json()["customer_token"]
        return session_id

    async def accept(self, session_id: str, token: str | None = None) -> httpx.Response:
        return await self.call("POST", "/api/mechanic/accept", token or self.ann.token, {"requestId": session_id})

    async def act(self, session_id: str, verb: str, token: str | None = None, **body: Any) -> httpx.Response:
        """One of the verbs of a session, by the customer unless another token is given."""
        sent = None if verb == "join" else body
        return await self.call("POST", f"/api/sessions/{session_id}/{verb}", token or self.customers[session_id], sent)


@contextlib.asynccontextmanager
async def open_shop(
    database: str, *, rules: Rules | None = None, clock: Clock = utc_now, **further: Any
) -> AsyncIterator[Shop]:
    """Serve the database at this address, made if need be, until the block ends. `further` are settings."""
    ann, bob = (accounts.add_mechanic(database, name) for name in ("Ann", "Bob"))
    desk = accounts.add_desk(database, "web site")
    listening = _listen("127.0.0.1", 0)
    port = listening.getsockname()[1]
    settings = ServerSettings(database, port=port, public_url=PUBLIC_URL, rules=rules or Rules(), **further)
    stopped: list[str] = []
    backend = Backend(settings, stop=stopped.append, clock=clock)
    server = _Server(_config(backend), backend, certificate(settings.tls_cert, settings.tls_key))
    running = asyncio.create_task(server.serve([listening]))
    base = settings.address
    async with httpx.AsyncClient(base_url=base, trust_env=False, verify=trusted(base)) as http:
        shop = Shop(backend, server, base, database, ann, bob, desk, http, stopped)
        while not server.started:  # noqa: ASYNC110 - uvicorn offers nothing to wait on
            await asyncio.sleep(0.005)
        try:
            yield shop
        finally:
            server.should_exit = True
            await running
