"""A bare HTTP line: with it hundreds of thousands of accepts take minutes; with a client library, hours."""

import asyncio
import json
from typing import Any, Self
from uuid import uuid4

import httpx


class BareLine:
    """One kept-alive connection to a backend, on which one request is asked at a time."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def open(cls, port: int) -> Self:
        """Connect to the backend at `port` of this machine."""
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    async def post(self, path: str, token: str, body: Any) -> httpx.Response:
        """The answer of a write, under a key of its own."""
        text = json.dumps(body).encode()
        head = (
            f"POST {path} HTTP/1.1",
            "Host: 127.0.0.1",
            f"Authorization: Bearer {token}",
            f"Idempotency-Key: {uuid4()}",
            "Content-Type: application/json",
            f"Content-Length: {len(text)}",
        )
        self._writer.write("\r\n".join((*head, "", "")).encode() + text)
        answer = (await self._reader.readuntil(b"\r\n\r\n")).lower()
        length = int(answer.partition(b"content-length:")[2].split(b"\r\n", 1)[0])
        return httpx.Response(int(answer.split(b" ", 2)[1]), content=await self._reader.readexactly(length))

    async def close(self) -> None:
        """Close the connection."""
        self._writer.close()
        await self._writer.wait_closed()
