"""Who calls a backend that speaks TLS and does not: he is let go in time, he is counted, and others are answered."""

import asyncio
import itertools
import socket
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from mechtui.server import accounts, door
from mechtui.server.observe import TurnedAway
from tests.access.test_door import (
    ENDS_SECONDS,
    SOON,
    caller,
    is_answered,
    nobody_is_left,
    others_are_answered,
    silent,
    with_few_files,
)
from tests.server.live import Shop, open_shop


@pytest.fixture
async def shop(file: str, pem: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Shop]:
    """One that speaks TLS and waits for ever, until a test says otherwise."""
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    monkeypatch.setattr(door, "HEAD_SECONDS", 3600.0)
    async with open_shop(file, tls_cert=pem) as opened:
        yield opened


def hello() -> bytes:
    """What somebody says first who is to speak TLS."""
    says = ssl.MemoryBIO()
    line = ssl.create_default_context().wrap_bio(ssl.MemoryBIO(), says, server_hostname="127.0.0.1")
    with pytest.raises(ssl.SSLWantReadError):
        line.do_handshake()
    return says.read()


@pytest.mark.parametrize(
    ("begins", "byte_by_byte"),
    [
        pytest.param(b"", b"", id="nothing"),
        pytest.param(hello()[:100], b"", id="half a hello"),
        pytest.param(b"", hello(), id="a hello byte by byte"),
        pytest.param(hello(), b"", id="a hello and no more"),
    ],
)
async def test_a_handshake_that_does_not_end_is_not_waited_for(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, begins: bytes, byte_by_byte: bytes
) -> None:
    rest = itertools.chain(byte_by_byte, itertools.repeat(0))
    async with caller(shop) as slow:
        await slow.say(begins)
        await others_are_answered(shop)
        monkeypatch.setattr(door, "HEAD_SECONDS", SOON)
        await slow.goes_on(lambda: bytes([next(rest)]) if byte_by_byte else b"")
    await nobody_is_left(shop)


async def test_a_goodbye_that_does_not_come_is_not_waited_for(
    shop: Shop, pem: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half a request, and then not even an answer to the end of the connection."""
    told: list[object] = []
    monkeypatch.setattr(shop.backend, "observe", told.append)
    line = socket.create_connection(("127.0.0.1", shop.backend_port), timeout=ENDS_SECONDS)
    monkeypatch.setattr(door, "HEAD_SECONDS", 2.0)
    tls = ssl.create_default_context(cafile=str(pem))
    with await asyncio.to_thread(tls.wrap_socket, line, server_hostname="127.0.0.1") as mute:
        await asyncio.to_thread(mute.sendall, b"GET /api/health")
        await nobody_is_left(shop)
        assert len([one for one in told if isinstance(one, TurnedAway)]) == 1


async def test_what_is_no_tls_ends_at_once(shop: Shop) -> None:
    async with caller(shop) as plain:
        await plain.say(b"GET /api/health HTTP/1.1\r\n\r\n")
        assert b"HTTP" not in await plain.heard()
    await nobody_is_left(shop)


async def test_who_goes_again_is_forgotten(shop: Shop) -> None:
    async with silent(shop, 5):
        pass
    await nobody_is_left(shop)


async def test_there_is_always_room_for_one_more(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever has kept us waiting for longest has to go."""
    monkeypatch.setattr(door, "_room", lambda: 20)
    async with silent(shop, 60):
        await others_are_answered(shop)
        async with asyncio.timeout(ENDS_SECONDS):
            while len(shop.server.server_state.connections) > 21:  # noqa: ASYNC110 - nobody tells that one has gone
                await asyncio.sleep(0.01)


async def test_nobody_who_is_silent_keeps_it_from_stopping(shop: Shop) -> None:
    async with silent(shop, 5):
        shop.server.should_exit = True
        await nobody_is_left(shop)


def test_many_callers_leave_room_in_a_process_that_may_open_few_files(file: str, pem: Path) -> None:
    ann, tls = accounts.add_mechanic(file, "Ann"), ssl.create_default_context(cafile=str(pem))
    with (
        with_few_files(file, "--tls-cert", str(pem)) as port,
        socket.create_connection(("127.0.0.1", port), timeout=ENDS_SECONDS) as line,
        tls.wrap_socket(line, server_hostname="127.0.0.1") as spoken,
    ):
        assert is_answered(spoken, ann.token)
