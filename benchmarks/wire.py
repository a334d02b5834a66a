"""Bare HTTP and websocket lines, so that what is measured is the backend and not a client library."""

import asyncio
import json
import os
from base64 import b64encode
from functools import partial
from typing import Self, cast
from uuid import uuid4

from websockets.frames import Frame, Opcode

from benchmarks.shop import Account
from mechtui.frames import Ack, Hello

_HOST = "127.0.0.1"


def post_request(token: str, path: str, wish: object) -> bytes:
    """A write as it goes over the line, under a key of its own."""
    body = json.dumps(wish)
    head = (
        f"POST {path} HTTP/1.1",
        f"Host: {_HOST}",
        f"Authorization: Bearer {token}",
        f"Idempotency-Key: {uuid4()}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
    )
    return "\r\n".join((*head, "", body)).encode()


def accept_request(mechanic: Account, session_id: str) -> bytes:
    """An accept as it goes over the line."""
    return post_request(mechanic.token, "/api/mechanic/accept", {"requestId": session_id})


def get_request(mechanic: Account, path: str) -> bytes:
    """A read as it goes over the line."""
    head = (f"GET {path} HTTP/1.1", f"Host: {_HOST}", f"Authorization: Bearer {mechanic.token}")
    return "\r\n".join((*head, "", "")).encode()


class HttpLine:
    """One kept-alive connection, one request at a time."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def open(cls, port: int) -> Self:
        """Connect to the backend at `port`."""
        return cls(*await asyncio.open_connection(_HOST, port))

    async def answer(self, request: bytes) -> tuple[int, bytes]:
        """Send a request and read its whole answer: status and body."""
        self._writer.write(request)
        head = (await self._reader.readuntil(b"\r\n\r\n")).lower()
        length = int(head.partition(b"content-length:")[2].split(b"\r\n", 1)[0])
        return int(head.split(b" ", 2)[1]), await self._reader.readexactly(length)

    async def ask(self, request: bytes) -> None:
        """Send a request and read its whole answer. Raises unless it is a 200."""
        status, body = await self.answer(request)
        if status != 200:
            raise RuntimeError(f"refused: {body.decode()}")

    async def close(self) -> None:
        """Close the connection."""
        self._writer.close()
        await self._writer.wait_closed()


class Terminals:
    """Many terminals on the feed, which read and answer heartbeats but never the backend's goodbye."""

    def __init__(self, mechanics: list[Account]) -> None:
        self._mechanics = mechanics
        self._lines: list[_FeedLine] = []
        self._kind = b""
        self._told = 0
        self._all: asyncio.Future[float] | None = None

    async def open(self, port: int) -> None:
        """Connect one terminal for each mechanic; returns when all hold their snapshot."""
        loop, ready = asyncio.get_running_loop(), self.all_told("snapshot_end")
        for mechanic in self._mechanics:
            _, line = await loop.create_connection(partial(_FeedLine, self, mechanic.token), _HOST, port)
            self._lines.append(line)
        await ready

    def all_told(self, kind: str) -> asyncio.Future[float]:
        """When, in the loop's time, the last of them gets its next frame of a kind."""
        self._kind, self._told = f'"t":"{kind}"'.encode(), 0
        self._all = asyncio.get_running_loop().create_future()
        return self._all

    def heard(self, data: bytes) -> bytes:
        """One terminal got this; what it answers."""
        if self._all is not None and self._kind in data:
            self._told += 1
            if self._told == len(self._mechanics):
                self._all.set_result(asyncio.get_running_loop().time())
        return _ACK if b'"t":"heartbeat"' in data else b""

    def drop(self) -> None:
        """End all lines at once."""
        for line in self._lines:
            line.drop()


class _FeedLine(asyncio.Protocol):
    def __init__(self, terminals: Terminals, token: str) -> None:
        self._terminals = terminals
        self._token = token
        self._open = False
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for a websocket."""
        self._transport = cast(asyncio.Transport, transport)
        head = (
            "GET /api/mechanic/feed HTTP/1.1",
            f"Host: {_HOST}",
            f"Authorization: Bearer {self._token}",
            "Connection: Upgrade",
            "Upgrade: websocket",
            "Sec-WebSocket-Version: 13",
            f"Sec-WebSocket-Key: {b64encode(os.urandom(16)).decode()}",
        )
        self._transport.write("\r\n".join((*head, "", "")).encode())

    def data_received(self, data: bytes) -> None:
        """The answer to the handshake, then frames."""
        assert self._transport is not None
        if not self._open:
            assert data.startswith(b"HTTP/1.1 101 "), data
            self._open = True
            self._transport.write(_HELLO)
        elif answer := self._terminals.heard(data):
            self._transport.write(answer)

    def drop(self) -> None:
        if self._transport is not None:
            self._transport.abort()


def _frame(text: str) -> bytes:
    return bytes(Frame(Opcode.TEXT, text.encode()).serialize(mask=True))


_HELLO = _frame(Hello().model_dump_json())
_ACK = _frame(Ack(seq=0).model_dump_json())
