"""Who sends too slowly, too much or nonsense, or does not read: he is let go in time, and others are answered."""

import asyncio
import json
import os
import resource
import shlex
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass

import pytest

from mechtui.frames import FEED_PATH
from mechtui.server import accounts, door, limits, middleware
from tests.faults.process import free_port
from tests.server.live import Shop
from tests.server.test_observe import figures

SOON = 0.3
ENDS_SECONDS = 10.0
"""Only there to end a test of somebody who would otherwise stay for ever."""
MUCH = 8 << 20
"""More than the system keeps for somebody who does not read."""
HOST = b"Host: 127.0.0.1\r\n"


@pytest.fixture(autouse=True)
def _hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is waited for as long as in earnest."""
    for name in ("HEAD_SECONDS", "IDLE_SECONDS", "GRACE_SECONDS"):
        monkeypatch.setattr(door, name, SOON)
    monkeypatch.setattr(door, "BYTES_A_SECOND", 1 << 20)


@pytest.fixture
def small_bodies(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (door, limits, middleware):
        monkeypatch.setattr(module, "BODY_LIMIT", 100_000)


@dataclass(frozen=True)
class Caller:
    """A connection on which anything may be said."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def say(self, words: bytes) -> None:
        self.writer.write(words)
        await self.writer.drain()

    async def heard(self) -> bytes:
        """All that is said until the connection ends."""
        parts = bytearray()
        with suppress(ConnectionError):
            async with asyncio.timeout(ENDS_SECONDS):
                while part := await self.reader.read(1 << 16):
                    parts += part
        return bytes(parts)

    async def goes_on(self, again: Callable[[], bytes], pause: float = 0.02) -> bytes:
        """Say something over and over until the connection ends; all that is said meanwhile."""
        hearing = asyncio.ensure_future(self.heard())
        while not hearing.done():
            with suppress(ConnectionError):
                await self.say(again())
            await asyncio.wait([hearing], timeout=pause)
        return hearing.result()


@asynccontextmanager
async def caller(shop: Shop, reads: int = 0) -> AsyncIterator[Caller]:
    """Somebody who calls; with `reads` his system takes no more than so many bytes unread."""
    line = socket.socket()
    if reads:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, reads)
    line.connect(("127.0.0.1", shop.backend_port))
    reader, writer = await asyncio.open_connection(sock=line, limit=1024)
    try:
        yield Caller(reader, writer)
    finally:
        writer.transport.abort()
        with suppress(ConnectionError):
            await writer.wait_closed()


@asynccontextmanager
async def silent(shop: Shop, number: int) -> AsyncIterator[None]:
    """So many who connect and say nothing."""
    async with AsyncExitStack() as all_of_them:
        for _ in range(number):
            await all_of_them.enter_async_context(caller(shop))
        yield


async def others_are_answered(shop: Shop) -> None:
    answer = await shop.call("GET", "/api/mechanic/me", shop.ann.token, Connection="close")
    assert answer.status_code == 200


async def nobody_is_left(shop: Shop) -> None:
    """Wait until the backend has no connection any more: that of the tests' own client is idle, too."""
    async with asyncio.timeout(ENDS_SECONDS):
        while shop.server.server_state.connections:  # noqa: ASYNC110 - nobody tells that a line has ended
            await asyncio.sleep(0.01)


def statuses(heard: bytes) -> list[int]:
    """Those of all answers."""
    return [int(part[:3]) for part in heard.split(b"HTTP/1.1 ")[1:]]


def refusal(heard: bytes) -> tuple[int, str]:
    """Status and code of the one answer there is."""
    (status,) = statuses(heard)
    return status, json.loads(heard.partition(b"\r\n\r\n")[2])["code"]


def post(shop: Shop, body: bytes, *headers: bytes) -> bytes:
    """An intake with this body."""
    told = [b"Authorization: Bearer " + shop.desk.token.encode(), b"Idempotency-Key: " + b"7" * 32, _JSON, *headers]
    return b"POST /api/intakes HTTP/1.1\r\n" + HOST + b"\r\n".join(told) + b"\r\n\r\n" + body


_JSON = b"Content-Type: application/json"
INTAKE = b'{"type":"chat","name":"Jo","concern":"It stalls."}'
LENGTH = b"Content-Length: %d" % len(INTAKE)


# --- too slowly -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("begins", "again", "told"),
    [
        pytest.param(b"GET /api/health HTTP/1.1\r\nX: ", b"a", [408], id="a head byte by byte"),
        pytest.param(b"GET /api/health HTTP/1.1\r\n", b"X: a\r\n", [408], id="a head header by header"),
        pytest.param(b"GET /api/health HTTP/1.1\r\n" + HOST + b"\r\n", b"\r\n", [200, 408], id="blank lines"),
        pytest.param(b"\r\n", b"\r\n", [408], id="blank lines from the start"),
        pytest.param(b"GET /api/health HTTP/1.1\r\nX: a", b"", [408], id="half a head"),
        pytest.param(b"\x16\x03\x01", b"", [400], id="TLS where none is spoken"),
    ],
)
async def test_a_head_that_does_not_end_is_not_waited_for(
    shop: Shop, begins: bytes, again: bytes, told: list[int]
) -> None:
    async with caller(shop) as slow:
        await slow.say(begins)
        await others_are_answered(shop)
        assert statuses(await slow.goes_on(lambda: again)) == told


async def test_who_says_nothing_is_let_go(shop: Shop) -> None:
    async with caller(shop) as silent:
        assert await silent.heard() == b""


@pytest.mark.parametrize("form", [b"Content-Length: 90000", b"Transfer-Encoding: chunked"])
async def test_a_body_that_does_not_end_is_not_waited_for(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, form: bytes
) -> None:
    monkeypatch.setattr(door, "BYTES_A_SECOND", 1 << 10)
    async with caller(shop) as slow:
        await slow.say(post(shop, b"", form))
        await others_are_answered(shop)
        heard = await slow.goes_on(lambda: b"1\r\na\r\n" if b"chunked" in form else b"a")
    assert refusal(heard) == (408, "TOO_SLOW")


async def test_a_body_that_comes_steadily_may_take_its_time(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "BYTES_A_SECOND", 2)
    async with caller(shop) as steady:
        await steady.say(post(shop, b"", LENGTH, b"Connection: close"))
        began = asyncio.get_running_loop().time()
        for byte in INTAKE:
            await steady.say(bytes([byte]))
            await asyncio.sleep(0.03)
        assert asyncio.get_running_loop().time() - began > 3 * SOON
        assert statuses(await steady.heard()) == [201]


async def test_a_refused_body_that_goes_on_is_not_read_for_ever(shop: Shop, small_bodies: None) -> None:
    async with caller(shop) as endless:
        await endless.say(post(shop, b"", b"Transfer-Encoding: chunked"))
        heard = await endless.goes_on(lambda: b"10000\r\n" + b"a" * 65536 + b"\r\n", pause=0.001)
    assert statuses(heard) in ([413], [])  # whoever goes on sending may not hear it
    await nobody_is_left(shop)


# --- too much -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("begins", "again"),
    [
        (b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n\r\n", b""),
        (b"GET /api/health HTTP/1.1\r\nX: " + b"a" * 70_000 + b"\r\n\r\n", b""),
        (b"GET /api/health HTTP/1.1\r\n" + b"X: aaaaaaaa\r\n" * 10_000 + b"\r\n", b""),
        (b"GET /api/health HTTP/1.1\r\nX: ", b"a" * 10_000),
        (b"GET /", b"a" * 10_000),
        (b"POST /nowhere HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n1;", b"a" * 10_000),
        (b"POST /api/intakes HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n0\r\nX: ", b"a" * 10_000),
    ],
    ids=["address", "header", "headers", "endless header", "endless address", "endless chunk size", "endless trailer"],
)
async def test_more_than_a_head_may_be_is_refused(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, begins: bytes, again: bytes
) -> None:
    for name in ("HEAD_SECONDS", "GRACE_SECONDS"):
        monkeypatch.setattr(door, name, 3600.0)
    async with caller(shop) as long:
        await long.say(begins)
        heard = await long.goes_on(lambda: again, pause=0.001)
    assert 431 in statuses(heard) or (again and statuses(heard) in ([], [401], [404])), heard
    await others_are_answered(shop)
    await nobody_is_left(shop)


async def test_there_is_always_room_for_one_more(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever has been quiet for longest has to go."""
    monkeypatch.setattr(door, "HEAD_SECONDS", 3600.0)
    monkeypatch.setattr(door, "_room", lambda: 20)
    async with silent(shop, 60):
        await others_are_answered(shop)
        assert len(shop.server.server_state.connections) <= 21


async def test_who_is_being_answered_does_not_have_to_go(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HEAD_SECONDS", "GRACE_SECONDS"):
        monkeypatch.setattr(door, name, 3600.0)
    async with caller(shop) as sending:
        await sending.say(post(shop, INTAKE[:10], LENGTH, b"Connection: close"))
        await others_are_answered(shop)
        monkeypatch.setattr(door, "_room", lambda: 1)
        async with silent(shop, 5):
            await sending.say(INTAKE[10:])
            assert statuses(await sending.heard()) == [201]


@contextmanager
def with_few_files(file: str, *options: str) -> Iterator[int]:
    """As it is shipped, with a limit of the system below the number of those who only keep a line. Its port."""
    port = free_port()
    serve = shlex.join([sys.executable, "-m", "mechtui", "serve", "--database", file, "--port", str(port), *options])
    command = ["bash", "-c", f"ulimit -n 256; exec {serve}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=os.environ | {"LANG": "C"}) as process:
        assert process.stdout is not None
        assert b"serving" in process.stdout.readline()
        try:
            idle = [socket.create_connection(("127.0.0.1", port), timeout=ENDS_SECONDS) for _ in range(400)]
            yield port
        finally:
            for one in idle:
                one.close()
            process.terminate()
            process.wait()


def is_answered(line: socket.socket, token: str) -> bool:
    """Whether somebody on this line is told who he is."""
    line.sendall(b"GET /api/mechanic/me HTTP/1.1\r\nConnection: close\r\n" + HOST)
    line.sendall(b"Authorization: Bearer " + token.encode() + b"\r\n\r\n")
    return line.recv(1 << 16).startswith(b"HTTP/1.1 200")


def test_many_callers_leave_room_in_a_process_that_may_open_few_files(file: str) -> None:
    ann = accounts.add_mechanic(file, "Ann")
    with with_few_files(file) as port, socket.create_connection(("127.0.0.1", port), timeout=ENDS_SECONDS) as line:
        assert is_answered(line, ann.token)


def test_it_lets_itself_open_as_many_files_as_it_may(monkeypatch: pytest.MonkeyPatch) -> None:
    may = {"may": (1024, 4096)}
    monkeypatch.setattr(resource, "getrlimit", lambda _: may["may"])
    monkeypatch.setattr(resource, "setrlimit", lambda _, wanted: may.update(may=wanted))
    door.open_files()
    assert may["may"] == (4096, 4096)
    assert door._room() == 4096 - door.FILES_KEPT


# --- what is not HTTP, or two things at once ------------------------------------------------------------------------

_POST = b"POST /nowhere HTTP/1.1\r\n" + HOST
_CHUNKED = _POST + b"Transfer-Encoding: chunked\r\n\r\n"
SHAPES = {
    "length and chunks": _POST + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "chunks and length": _POST + b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n",
    "two lengths": _POST + b"Content-Length: 0\r\nContent-Length: 50\r\n\r\n",
    "lengths in a list": _POST + b"Content-Length: 0, 50\r\n\r\n",
    "a length with a sign": _POST + b"Content-Length: +50\r\n\r\n",
    "a length below nothing": _POST + b"Content-Length: -1\r\n\r\n",
    "a length beyond numbers": _POST + b"Content-Length: 99999999999999999999999\r\n\r\n",
    "chunks, then not": _POST + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    "almost chunks": _POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "chunks twice": _POST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "chunks behind a control": _POST + b"Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n",
    "a space before the colon": _POST + b"Content-Length : 0\r\n\r\n",
    "a folded header": _POST + b"X: a\r\n b\r\n\r\n",
    "a NUL": _POST + b"X: a\x00b\r\n\r\n",
    "lines without CR": b"GET /nowhere HTTP/1.1\nHost: 127.0.0.1\n\n",
    "CR without LF": _POST + b"X: a\rY: b\r\n\r\n",
    "no size of a chunk": _CHUNKED + b"zz\r\n",
    "a size below nothing": _CHUNKED + b"-1\r\n\r\n",
    "a size beyond numbers": _CHUNKED + b"ffffffffffffffffff\r\n\r\n",
    "a chunk longer than its size": _CHUNKED + b"1\r\nab\r\n0\r\n\r\n",
    "a proxy's request": b"CONNECT elsewhere:80 HTTP/1.1\r\n" + HOST + b"\r\n",
    "a newer HTTP": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
}


@pytest.mark.parametrize("shape", SHAPES)
async def test_what_could_mean_two_things_means_none(shop: Shop, shape: str) -> None:
    """Else a proxy in front might see one request where the backend sees two."""
    async with caller(shop) as odd:
        await odd.say(SHAPES[shape] + b"GET /api/health HTTP/1.1\r\n" + HOST + b"\r\n")
        assert refusal(await odd.heard()) == (400, "INVALID")


async def test_more_than_was_announced_does_not_hide_what_was_done(shop: Shop) -> None:
    """Whoever reads one answer must not take the refusal of the rest for that of his request."""
    async with caller(shop) as long:
        await long.say(post(shop, INTAKE, LENGTH) + b'{"and": "more"}')
        assert statuses(await long.heard()) == [201]


async def test_less_than_was_announced_is_not_carried_out(shop: Shop) -> None:
    async with caller(shop) as short:
        await short.say(post(shop, INTAKE, b"Content-Length: 5000"))
        short.writer.write_eof()
        assert statuses(await short.heard()) == []
    assert (await shop.get("/api/mechanics/requests")).json()["total"] == 0


async def test_what_follows_a_body_is_no_header(shop: Shop) -> None:
    """It would come after everything was judged by the headers before."""
    keyless = post(shop, b"%x\r\n%s\r\n0\r\nIdempotency-Key: %s\r\n\r\n" % (len(INTAKE), INTAKE, b"8" * 32))
    keyless = keyless.replace(b"Idempotency-Key: " + b"7" * 32, b"Transfer-Encoding: chunked\r\nConnection: close")
    async with caller(shop) as trailing:
        await trailing.say(keyless)
        assert refusal(await trailing.heard()) == (400, "IDEMPOTENCY_KEY_REQUIRED")


# --- those who do not read ------------------------------------------------------------------------------------------


async def test_an_answer_nobody_reads_is_not_kept_for_ever(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "BYTES_A_SECOND", 1 << 30)
    photo = {"name": "big.bin", "mime": None, "data": "QUFB" * 2_000_000}
    session_id = await shop.submit(files=[photo])
    file_id = (await shop.get(f"/api/sessions/{session_id}/intake")).json()["files"][0]["id"]
    async with caller(shop, reads=4096) as deaf:
        head = f"GET /api/sessions/{session_id}/files/{file_id} HTTP/1.1\r\nAuthorization: Bearer {shop.ann.token}\r\n"
        await deaf.say(head.encode() + HOST + b"\r\n")
        await others_are_answered(shop)
        await nobody_is_left(shop)


# --- on the feed ----------------------------------------------------------------------------------------------------

_UPGRADE = b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
HELLO = b'{"t":"hello","api":1,"resume":null}'


def frame(opcode: int, data: bytes, last: bool = True) -> bytes:
    """One frame of a terminal, masked with zeros."""
    length = bytes([0x80 | len(data)]) if len(data) < 126 else b"\xff" + len(data).to_bytes(8, "big")
    return bytes([(0x80 if last else 0) | opcode]) + length + bytes(4) + data


@asynccontextmanager
async def feed(shop: Shop, reads: int = 0) -> AsyncIterator[Caller]:
    """Somebody on the feed who has said hello."""
    async with caller(shop, reads) as line:
        head = f"GET {FEED_PATH} HTTP/1.1\r\nAuthorization: Bearer {shop.ann.token}\r\n".encode()
        await line.say(head + HOST + _UPGRADE + b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
        await line.reader.readuntil(b"\r\n\r\n")
        await line.say(frame(1, HELLO))
        yield line


async def test_a_handshake_that_does_not_end_is_not_waited_for(shop: Shop) -> None:
    async with caller(shop) as slow:
        await slow.say(f"GET {FEED_PATH} HTTP/1.1\r\n".encode() + _UPGRADE)
        assert refusal(await slow.goes_on(lambda: b"X: a\r\n")) == (408, "TOO_SLOW")


async def test_a_feed_does_not_begin_behind_a_request(shop: Shop) -> None:
    async with caller(shop) as both:
        upgrade = f"GET {FEED_PATH} HTTP/1.1\r\n".encode() + HOST + _UPGRADE
        await both.say(post(shop, INTAKE, LENGTH) + upgrade + b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
        assert statuses(await both.heard()) == [201]


@pytest.mark.parametrize(
    ("begins", "again"),
    [
        pytest.param(b"\x81\xff" + (1 << 40).to_bytes(8, "big") + bytes(4), b"a" * 10_000, id="a giant"),
        pytest.param(frame(1, b"", last=False), frame(0, b"", last=False) * 50, id="parts without end"),
        pytest.param(frame(1, b"", last=False), frame(0, b"a" * 60_000, last=False), id="large parts without end"),
        pytest.param(frame(0, b"a"), b"", id="a part of nothing"),
        pytest.param(b"\x81\x01a", b"", id="without a mask"),
    ],
)
async def test_a_frame_beyond_measure_ends_the_feed(shop: Shop, begins: bytes, again: bytes) -> None:
    async with feed(shop) as wild:
        await wild.say(begins)
        await wild.goes_on(lambda: again, pause=0.001)
    await others_are_answered(shop)
    await nobody_is_left(shop)


async def test_who_asks_whether_we_are_there_and_does_not_read_is_let_go(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "GRACE_SECONDS", 3600.0)
    connections = shop.server.server_state.connections
    async with feed(shop, reads=4096) as deaf:
        kept = 0
        with suppress(ConnectionError):
            async with asyncio.timeout(ENDS_SECONDS):
                while kept < MUCH and any(isinstance(one, door.FeedLine) for one in connections):
                    await deaf.say(frame(9, b"a" * 125) * 200)
                    await asyncio.sleep(0)
                    kept = max([kept, *(viewer.line.backlog() for viewer in shop.backend.hub.viewers)])
        assert kept < MUCH
    await nobody_is_left(shop)


async def test_a_feed_that_is_over_is_over_though_nobody_reads_it(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """The word that it is over would otherwise wait for ever to be read."""
    monkeypatch.setattr(door, "BYTES_A_SECOND", 1 << 30)
    async with feed(shop, reads=4096):
        async with asyncio.timeout(ENDS_SECONDS):
            while not shop.backend.hub.viewers:  # noqa: ASYNC110 - nobody tells that a terminal has come
                await asyncio.sleep(0.01)
        (viewer,) = shop.backend.hub.viewers
        viewer.line.send("x" * MUCH)
        assert viewer.line.backlog()
        viewer.line.close(4401, "the token was revoked")
        await nobody_is_left(shop)


# --- what is told of it ---------------------------------------------------------------------------------------------


async def test_who_is_turned_away_is_counted_and_fills_no_log(file: str, capfd: pytest.CaptureFixture[str]) -> None:
    from tests.server.live import open_shop

    async with open_shop(file, metrics=True, log="json") as shop:
        for _ in range(5):
            async with caller(shop) as odd:
                await odd.say(b"nonsense\r\n\r\n")
                await odd.heard()
        assert (await figures(shop))['mechtui_refusals_total{code="INVALID"}'] == 5
    lines = capfd.readouterr().err.splitlines()
    assert sum("INVALID" in line for line in lines) == 1
    assert [line for line in lines if not line.startswith("{")] == []
