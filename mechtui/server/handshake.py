"""Callers of a backend that speaks TLS, until they have shaken hands with it.

uvicorn leaves that to the event loop, which waits for a minute and counts nobody before it is over. So here they are
taken, and stand among the connections from the start: whoever says nothing is let go, and there is room for others.
"""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Callable
from typing import Any

from mechtui.server import door

_AGAIN_SECONDS = 0.1


class Handshake:
    """One caller until there is a `Doorway` for him."""

    def __init__(
        self, line: socket.socket, tls: ssl.SSLContext, connections: set[Any], doorway: Callable[[], door.Doorway]
    ) -> None:
        self._line, self._tls = line, tls
        self._connections, self._doorway = connections, doorway
        loop = asyncio.get_running_loop()
        self.quiet_since: float | None = loop.time()
        """Since when he is here, in the loop's time: before it is over he has said nothing that counts."""
        connections.add(self)
        self._shaking = loop.create_task(self._shake(loop))

    async def _shake(self, loop: asyncio.AbstractEventLoop) -> None:
        try:
            with contextlib.suppress(OSError):  # he has gone, was let go, or speaks something else
                await loop.connect_accepted_socket(
                    self._doorway, self._line, ssl=self._tls, ssl_shutdown_timeout=door.HEAD_SECONDS
                )
        finally:
            self._connections.discard(self)

    def look(self, now: float) -> None:
        """Let him go if he keeps us waiting for too long."""
        if self.quiet_since is not None and now - self.quiet_since > door.HEAD_SECONDS:
            self.let_go()

    def let_go(self) -> None:
        """End his connection; the event loop then gives up. He is not asked to go twice, but another."""
        self.quiet_since = None
        with contextlib.suppress(OSError):  # he has gone by himself
            self._line.shutdown(socket.SHUT_RDWR)

    def shutdown(self) -> None:
        """The backend is about to stop."""
        self.let_go()


async def welcome(
    listening: socket.socket, tls: ssl.SSLContext, connections: set[Any], doorway: Callable[[], door.Doorway]
) -> None:
    """Take whoever calls, until cancelled; `doorway` makes what he speaks to when both have shaken hands."""
    loop = asyncio.get_running_loop()
    listening.setblocking(False)
    while True:
        try:
            line, _ = await loop.sock_accept(listening)
        except OSError:  # the system has nothing left for one more
            await asyncio.sleep(_AGAIN_SECONDS)
        else:
            Handshake(line, tls, connections, doorway)
            door.make_room(connections)
            await asyncio.sleep(0)  # many may be waiting; those who are let go need the loop to be gone
