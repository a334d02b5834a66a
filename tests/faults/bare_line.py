"""A bare HTTP line: with it hundreds of thousands of accepts take minutes; with a client library, hours."""

from typing import Any

import httpx

from benchmarks.wire import HttpLine, post_request


class BareLine(HttpLine):
    """One kept-alive connection to a backend, on which one request is asked at a time."""

    async def post(self, path: str, token: str, body: Any) -> httpx.Response:
        """The answer of a write, under a key of its own."""
        status, content = await self.answer(post_request(token, path, body))
        return httpx.Response(status, content=content)
