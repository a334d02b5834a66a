"""`mechtui serve`: the backend as a process, from the first check of the file to a clean end."""

import signal
import socket
import sys
from collections.abc import Sequence
from dataclasses import replace

import uvicorn

from mechtui.config import ServerSettings
from mechtui.server.app import Backend
from mechtui.server.db.address import shown
from mechtui.server.db.errors import DatabaseError
from mechtui.server.routes.pages import Draw

GRACE_SECONDS = 2
"""How long answers under way may take after SIGTERM. Without a limit an open feed would keep the process for ever."""
_BACKLOG = 2048
_FEED_FRAME_LIMIT = 64 * 1024


class _Server(uvicorn.Server):
    """uvicorn, which says goodbye to the terminals before it closes their lines."""

    def __init__(self, config: uvicorn.Config, backend: Backend) -> None:
        super().__init__(config)
        self._backend = backend

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Tell the terminals, then close."""
        self._backend.farewell()
        await super().shutdown(sockets)


def run_server(settings: ServerSettings, page: Draw | None = None) -> int:
    """Serve until told to stop. Returns the exit status: 0, or 3 when it could not start or the database failed.

    `page` draws the page behind a session's address, for a shop that has no web site.
    """
    try:
        listening = _listen(settings.host, settings.port)
    except OSError as error:
        print(f"mechtui: cannot listen on {settings.host}:{settings.port} ({error.strerror}); name another "
              "with --port, or end the program that has it", file=sys.stderr)  # fmt: skip
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
        print(f"mechtui: {error}", file=sys.stderr)
        return 3
    servers.append(_Server(_config(backend), backend))
    print(f"mechtui: serving {shown(settings.database)} at http://{settings.host}:{settings.port}", flush=True)
    _run(servers[0], [listening])
    if failures:
        print(f"mechtui: {failures[0]}", file=sys.stderr)
    return 3 if failures else 0


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=_BACKLOG, reuse_port=False)


def _config(backend: Backend) -> uvicorn.Config:
    return uvicorn.Config(
        backend,
        lifespan="on",
        ws="websockets-sansio",
        ws_max_size=_FEED_FRAME_LIMIT,
        ws_ping_interval=None,
        ws_per_message_deflate=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
        timeout_keep_alive=75,
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
