"""The websocket itself, against a real server on this machine."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from http import HTTPStatus

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.datastructures import Headers
from websockets.http11 import Request, Response

from mechtui.feed import Feed
from mechtui.feed_line import LineClosed, websocket
from mechtui.frames import Snapshot
from mechtui.replica import LinkChanged, LinkState, Replica
from tests.client.test_feed import beat, snapshot, welcome

Handler = Callable[[ServerConnection], Awaitable[None]]
Gate = Callable[[ServerConnection, Request], Response | None]


@asynccontextmanager
async def backend(handler: Handler, gate: Gate | None = None) -> AsyncIterator[str]:
    async with serve(handler, "127.0.0.1", 0, process_request=gate) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def nothing(connection: ServerConnection) -> None:
    await connection.wait_closed()


async def test_it_carries_the_token_in_a_header_and_asks_for_nothing_more() -> None:
    seen: list[Request] = []

    def look(_: ServerConnection, request: Request) -> None:
        seen.append(request)

    async def echo(connection: ServerConnection) -> None:
        await connection.send(await connection.recv())

    async with backend(echo, look) as server:
        line = await websocket(server, "mtm_secret")()
        await line.send("hello")
        assert await line.recv() == "hello"
        await line.drop()
    (request,) = seen
    assert request.path == "/api/mechanic/feed"
    assert request.headers["Authorization"] == "Bearer mtm_secret"
    assert request.headers["Mechtui-Api"] == "1"
    assert "Sec-WebSocket-Extensions" not in request.headers
    assert "Origin" not in request.headers


async def test_a_close_of_the_backend_has_its_code_and_reason() -> None:
    async with backend(lambda connection: connection.close(4401, "revoked")) as server:
        line = await websocket(server, "t")()
        with pytest.raises(LineClosed, match="revoked") as caught:
            await line.recv()
        assert caught.value.code == 4401
        with pytest.raises(LineClosed):
            await line.send("too late")
        await line.drop()


@pytest.mark.parametrize("status", [401, 403, 426, 502])
async def test_a_refused_handshake_says_with_what(status: int) -> None:
    def refuse(_: ServerConnection, __: Request) -> Response:
        return Response(status, HTTPStatus(status).phrase, Headers({"Content-Length": "0"}))

    async with backend(nothing, refuse) as server:
        with pytest.raises(LineClosed, match=str(status)):
            await websocket(server, "t")()


async def test_a_redirect_is_not_followed() -> None:
    asked: list[str] = []

    def elsewhere(_: ServerConnection, request: Request) -> Response:
        asked.append(request.path)
        return Response(307, "Temporary Redirect", Headers({"Location": "/other", "Content-Length": "0"}))

    async with backend(nothing, elsewhere) as server:
        with pytest.raises(LineClosed, match="307"):
            await websocket(server, "t")()
    assert asked == ["/api/mechanic/feed"]


async def test_no_server_is_a_closed_line() -> None:
    async with backend(nothing) as server:
        pass
    with pytest.raises(LineClosed, match="no websocket"):
        await websocket(server, "t")()


async def test_dropping_waits_for_nobody() -> None:
    gone = asyncio.Event()

    async def never_reads(connection: ServerConnection) -> None:
        await connection.wait_closed()
        gone.set()

    async with backend(never_reads) as server:
        line = await websocket(server, "t")()
        async with asyncio.timeout(1):
            await line.drop()
            await gone.wait()


async def test_the_whole_feed_over_a_real_line_leaves_nothing_behind() -> None:
    heard: list[str | bytes] = []

    async def mechanic(connection: ServerConnection) -> None:
        heard.append(await connection.recv())
        for frame in (welcome(5, "resume"), beat(5)):
            await connection.send(frame.model_dump_json())
        heard.append(await connection.recv())
        await connection.close(4401, "revoked")

    async def poll() -> Snapshot:
        return snapshot()

    before = asyncio.all_tasks()
    async with backend(mechanic) as server:
        feed = Feed(server, "t", Replica(epoch="e1", seq=5), poll)
        async with aclosing(feed.updates()) as updates:
            seen = [update async for update in updates]
    assert asyncio.all_tasks() == before
    assert heard == ['{"t":"hello","api":1,"resume":{"epoch":"e1","seq":5}}', '{"t":"ack","seq":5}']
    assert seen[-1] == LinkChanged(LinkState.SIGNED_OUT, "revoked")
