"""`mechtui serve`: the backend as a process, from the first check of the file to a clean end."""

import asyncio
import gc
import signal
import socket
import ssl
from collections.abc import Sequence
from dataclasses import replace

import uvicorn

from mechtui.config import ServerSettings
from mechtui.exits import say
from mechtui.server.app import Backend
from mechtui.server.db.address import shown
from mechtui.server.db.errors import DatabaseError
from mechtui.server.door import IDLE_SECONDS, Doorway, FeedLine, look_at_all, open_files
from mechtui.server.handshake import welcome
from mechtui.server.routes.pages import Draw
from mechtui.server.tls import CertificateError, certificate, is_near

GRACE_SECONDS = 2
"""How long answers under way may take after SIGTERM. Without a limit an open feed would keep the process for ever."""
_BACKLOG = 2048
_NAME_ANOTHER = "name another with --port, or end the program that has it"
_READ_ALONG = (
    "whoever is on the way to {} can read along, tokens too; "
    "give --tls-cert, or put a proxy with TLS in front (docs/network.md)"
)
_FEED_FRAME_LIMIT = 64 * 1024


class _Server(uvicorn.Server):
    """uvicorn, which says goodbye to the terminals before it closes their lines."""

    def __init__(self, config: uvicorn.Config, backend: Backend, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(config)
        self._backend = backend
        self._tls = tls
        self._welcoming: list[asyncio.Task[None]] = []

    async def on_tick(self, counter: int) -> bool:
        """What uvicorn does ten times a second; once a second look at all connections."""
        if counter % 10 == 0:
            look_at_all(self.server_state.connections, asyncio.get_running_loop().time())
        return await super().on_tick(counter)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen. What is there by then stays: to look it through for what can go would hold up everybody for 70 ms."""
        if self._tls is None:
            await super().startup(sockets)
        else:
            await super().startup([])
            connections = self.server_state.connections
            welcomes = (welcome(one, self._tls, connections, self._doorway) for one in sockets or ())
            self._welcoming = [asyncio.create_task(one) for one in welcomes]
        gc.freeze()

    def _doorway(self) -> Doorway:
        """What uvicorn makes for a caller."""
        return Doorway(config=self.config, server_state=self.server_state, app_state=self.lifespan.state)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Tell the terminals, then close."""
        self._backend.farewell()
        for one in self._welcoming:
            one.cancel()
        await super().shutdown(sockets)


def run_server(settings: ServerSettings, page: Draw | None = None) -> int:
    """Serve until told to stop. Returns the exit status: 0, or 3 when it could not start or the database failed.

    `page` draws the page behind a session's address, for a shop that has no web site.
    """
    try:
        tls = certificate(settings.tls_cert, settings.tls_key)
        listening = _listen(settings.host, settings.port)
    except CertificateError as error:
        say(str(error))
        return 3
    except OSError as error:
        say(f"cannot listen on {settings.host}:{settings.port} ({error.strerror}); {_NAME_ANOTHER}")
        return 3
    settings = replace(settings, port=listening.getsockname()[1])
    failures: list[str] = []
    servers: list[_Server] = []

    def stop(why: str) -> None:
        failures.append(why)
        servers[0].should_exit = True

    try:
        backend = Backend(settings, stop=stop, page=page)
    except DatabaseError as error:
        listening.close()
        say(str(error))
        return 3
    open_files()
    servers.append(_Server(_config(backend), backend, tls))
    if tls is None and not is_near(settings.host):
        say(_READ_ALONG.format(settings.host))
    print(f"mechtui: serving {shown(settings.database)} at {settings.address}", flush=True)
    _run(servers[0], [listening])
    if failures:
        say(failures[0])
    return 3 if failures else 0


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=_BACKLOG, reuse_port=False)


def _config(backend: Backend) -> uvicorn.Config:
    return uvicorn.Config(
        backend,
        lifespan="on",
        http=Doorway,
        ws=FeedLine,
        ws_max_size=_FEED_FRAME_LIMIT,
        ws_ping_interval=None,
        ws_per_message_deflate=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
        timeout_keep_alive=IDLE_SECONDS,
        proxy_headers=False,
        access_log=False,
        log_level="warning",
        server_header=False,
    )


def _run(server: _Server, sockets: Sequence[socket.socket]) -> None:
    """Run to the end. A signal that comes before uvicorn listens for it, or that it raises again, is one to stop."""

    def stop(*_: object) -> None:
        server.should_exit = True

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        server.run(sockets=list(sockets))
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
