"""The websocket under the feed: opened, read and dropped. What is said over it is none of its business."""

from collections.abc import Awaitable, Callable
from typing import Protocol

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException

from mechtui.api_answers import system_words
from mechtui.api_calls import request_headers
from mechtui.frames import FEED_PATH
from mechtui.trust import trusted

FRAME_BYTES_LIMIT = 1 << 20
"""The longest frame taken; the backend's parts of a snapshot are far shorter."""
OPEN_SECONDS = 4.0
"""How long the handshake may take. While polling, one try and one pause must stay below the 12 s of a dead line."""


class LineClosed(Exception):  # noqa: N818 - the end of a line is no error
    """The line is over, or was never had. `code` is the websocket's close code, if there was one."""

    def __init__(self, why: str, code: int | None = None) -> None:
        super().__init__(why)
        self.code = code


class Line(Protocol):
    """An open line. `recv` and `send` raise `LineClosed`; `drop` ends it at once, without a closing handshake."""

    async def recv(self) -> str | bytes:
        """The next frame."""

    async def send(self, frame: str) -> None:
        """Send one frame."""

    async def drop(self) -> None:
        """Leave nothing open. Never raises, and never waits for the other side."""


OpenLine = Callable[[], Awaitable[Line]]


def websocket(server: str, token: str) -> OpenLine:
    """How to open the feed of the backend at `server`; the opener raises `LineClosed` when it cannot be had."""
    address = f"ws{server.removeprefix('http').rstrip('/')}{FEED_PATH}"
    headers = request_headers(token)
    agent = headers.pop("User-Agent")
    tls = trusted(server) if server.startswith("https:") else None

    async def open_line() -> Line:
        try:
            connection = await _Direct(
                address,
                ssl=tls,
                additional_headers=headers,
                user_agent_header=agent,
                compression=None,
                proxy=None,
                open_timeout=OPEN_SECONDS,
                ping_interval=None,
                max_size=FRAME_BYTES_LIMIT,
            )
        except InvalidStatus as error:
            raise LineClosed(f"no websocket: it answered {error.response.status_code}") from error
        except TimeoutError as error:
            raise LineClosed("no websocket in time") from error
        except (WebSocketException, OSError) as error:
            raise LineClosed(f"no websocket: {system_words(error)}") from error
        return _WebSocketLine(connection)

    return open_line


class _Direct(connect):
    """Goes where it was told: a token is not carried after a redirect."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        return exc


class _WebSocketLine:
    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection

    async def recv(self) -> str | bytes:
        try:
            return await self._connection.recv()
        except ConnectionClosed as closed:
            raise _closed(closed) from closed

    async def send(self, frame: str) -> None:
        try:
            await self._connection.send(frame)
        except ConnectionClosed as closed:
            raise _closed(closed) from closed

    async def drop(self) -> None:
        self._connection.transport.abort()
        await self._connection.wait_closed()


def _closed(closed: ConnectionClosed) -> LineClosed:
    if closed.rcvd is None:
        return LineClosed("the line was cut")
    return LineClosed(closed.rcvd.reason or "the backend closed the line", closed.rcvd.code)
