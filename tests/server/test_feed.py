"""The feed over a real socket: who is let in, and how a line ends."""

import asyncio
import contextlib
import json
import logging
import time
from collections.abc import AsyncIterator
from socket import SO_RCVBUF, SOL_SOCKET, create_connection
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from mechtui.frames import FEED_PATH
from mechtui.server import accounts, app, feed, hub
from mechtui.server.db.events import position
from mechtui.server.hub import Hub
from tests.server.live import Shop, open_shop


@contextlib.asynccontextmanager
async def line(shop: Shop, token: str, **headers: str) -> AsyncIterator[ClientConnection]:
    address = shop.url.replace("http://", "ws://") + FEED_PATH
    sent = {"Authorization": f"Bearer {token}"} | headers
    async with connect(address, additional_headers=sent, compression=None, close_timeout=1, proxy=None) as socket:
        yield socket


async def said(socket: ClientConnection) -> dict[str, Any]:
    frame: dict[str, Any] = json.loads(await asyncio.wait_for(socket.recv(), 10))
    return frame


async def hello(socket: ClientConnection, resume: dict[str, Any] | None = None) -> dict[str, Any]:
    """Say hello; returns the welcome, with the snapshot read to its end if there is one."""
    await socket.send(json.dumps({"t": "hello", "api": 1, "resume": resume}))
    welcome = await said(socket)
    if welcome["mode"] == "snapshot":
        while (await said(socket))["t"] != "snapshot_end":
            pass
    return welcome


async def close_code(socket: ClientConnection) -> int | None:
    """What the line is closed with; frames before that are passed over."""
    with contextlib.suppress(ConnectionClosed):
        async with asyncio.timeout(10):
            async for _ in socket:
                pass
    return socket.close_code


@pytest.mark.parametrize(("kind", "status"), [("nobody", 401), ("desk", 403), ("browser", 403)])
async def test_who_is_not_let_in(shop: Shop, kind: str, status: int) -> None:
    token = {"nobody": "mtm_x", "desk": shop.desk.token, "browser": shop.ann.token}[kind]
    headers = {"Origin": "https://evil.example"} if kind == "browser" else {}
    with pytest.raises(InvalidStatus) as refused:
        async with line(shop, token, **headers):
            pass
    assert refused.value.response.status_code == status
    assert json.loads(refused.value.response.body)["code"] == ("SIGNED_OUT" if status == 401 else "FORBIDDEN")


async def test_there_is_one_feed(shop: Shop) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with connect(shop.url.replace("http", "ws") + "/api/other", proxy=None):
            pass
    assert refused.value.response.status_code == 404


async def test_events_come_after_the_snapshot_and_only_once_durable(shop: Shop) -> None:
    first = await shop.submit()
    async with line(shop, shop.ann.token) as socket:
        assert (await hello(socket))["seq"] == 1
        second = await shop.submit()
        delta = await said(socket)
        assert (delta["from"], delta["to"]) == (1, 2)
        assert [event["session"]["id"] for event in delta["events"]] == [second]
        assert (await shop.backend.store.read(position)).seq == 2
        assert first != second


async def test_a_terminal_goes_on_where_it_was(shop: Shop) -> None:
    async with line(shop, shop.ann.token) as socket:
        welcome = await hello(socket)
    missed = [await shop.submit() for _ in range(3)]
    async with line(shop, shop.ann.token) as socket:
        again = await hello(socket, {"epoch": welcome["epoch"], "seq": welcome["seq"]})
        assert again["mode"] == "resume"
        delta = await said(socket)
        assert (delta["from"], delta["to"]) == (0, 3)
        assert [event["session"]["id"] for event in delta["events"]] == missed


@pytest.mark.parametrize("seq", [-1, 10_000])
async def test_a_position_that_cannot_be_is_answered_with_a_snapshot(shop: Shop, seq: int) -> None:
    async with line(shop, shop.ann.token) as socket:
        epoch = (await hello(socket))["epoch"]
    async with line(shop, shop.ann.token) as socket:
        assert (await hello(socket, {"epoch": epoch, "seq": seq}))["mode"] == "snapshot"


@pytest.mark.parametrize(
    "first", ["", "{", '{"t":"ack","seq":1}', "[" * 1000, '{"t":"hello","resume":7}'], ids=range(5)
)
async def test_the_first_frame_is_a_hello(shop: Shop, first: str) -> None:
    async with line(shop, shop.ann.token) as socket:
        await socket.send(first)
        assert await close_code(socket) == 4408


async def test_a_refusal_is_no_error_in_the_log(shop: Shop, caplog: pytest.LogCaptureFixture) -> None:
    log = logging.getLogger("uvicorn.error")
    log.addHandler(caplog.handler)
    try:
        with pytest.raises(InvalidStatus, match="401"):
            async with line(shop, "mtm_wrong"):
                pass
        await shop.get("/api/health")
    finally:
        log.removeHandler(caplog.handler)
    assert caplog.messages == []


async def test_who_says_nothing_is_not_waited_for(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "HELLO_SECONDS", 0.05)
    async with line(shop, shop.ann.token) as socket:
        assert await close_code(socket) == 4408


async def test_another_version_is_told_so(shop: Shop) -> None:
    async with line(shop, shop.ann.token) as socket:
        await socket.send('{"t":"hello","api":99,"resume":null}')
        assert await close_code(socket) == 4406


async def test_nonsense_after_the_hello_does_no_harm(shop: Shop) -> None:
    async with line(shop, shop.ann.token) as socket:
        await hello(socket)
        for nonsense in ("{", '{"t":"sudo"}', "\x00" * 100):
            await socket.send(nonsense)
        await shop.submit()
        assert (await said(socket))["t"] == "delta"


async def test_a_revoked_token_closes_the_feed(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    async with line(shop, shop.ann.token) as socket:
        await hello(socket)
        accounts.revoke_mechanic(shop.database, shop.ann.id)
        started = time.monotonic()
        assert await close_code(socket) == 4401
        assert time.monotonic() - started < 6
        assert (await shop.get("/api/mechanic/me")).status_code == 401


async def test_a_backend_whose_heart_stops_does_not_go_on(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise LookupError("a mistake in the code")

    monkeypatch.setattr(app, "HEARTBEAT_SECONDS", 0.01)
    monkeypatch.setattr(Hub, "beat", broken)
    async with open_shop(database) as shop, asyncio.timeout(5):
        while not shop.stopped:  # noqa: ASYNC110 - what is waited for happens in a task of the backend
            await asyncio.sleep(0.01)
    assert "a mistake in the code" in shop.stopped[0]


async def test_a_restart_is_announced_and_ends_at_once(shop: Shop) -> None:
    async with line(shop, shop.ann.token) as socket:
        await hello(socket)
        started = time.monotonic()
        shop.server.should_exit = True
        bye = await said(socket)
        assert (bye["t"], bye["code"]) == ("bye", "RESTART")
        assert await close_code(socket) == 1012
        assert time.monotonic() - started < 3


async def test_one_who_does_not_read_holds_up_nobody(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "DEAD_SECONDS", 600)  # on a slow machine it takes long until the line is full
    deaf = create_connection(("127.0.0.1", shop.backend_port))
    deaf.setsockopt(SOL_SOCKET, SO_RCVBUF, 4096)
    reader, writer = await asyncio.open_connection(sock=deaf, limit=1024)
    head = f"GET {FEED_PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {shop.bob.token}\r\n"
    head += "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    writer.write(f"{head}Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode())
    await reader.readuntil(b"\r\n\r\n")
    payload = b'{"t":"hello","api":1,"resume":null}'
    writer.write(bytes([0x81, 0x80 | len(payload), 0, 0, 0, 0]) + payload)
    async with line(shop, shop.ann.token) as socket:
        await hello(socket)
        while not (shop.backend.hub.viewers and _lagging(shop)):
            await shop.submit(concern="x" * 20_000)
            assert (await said(socket))["t"] in {"delta", "heartbeat"}
    writer.transport.abort()


def _lagging(shop: Shop) -> bool:
    return any(viewer.lagging_since is not None for viewer in shop.backend.hub.viewers)
