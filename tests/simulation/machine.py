"""The backend's machine: its disk, its clock, and the process on it: started, stopped, killed, without power."""

import asyncio
import contextlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import apsw

from mechtui.config import Rules, ServerSettings
from mechtui.frames import FEED_PATH
from mechtui.server.app import Backend
from mechtui.server.asgi import Message
from mechtui.server.db.connection import Connection
from mechtui.server.db.errors import DatabaseError
from mechtui.server.db.sqlite import copies
from mechtui.server.db.sqlite.connection import SqliteConnection
from tests.faults.disk import Disk
from tests.server.support import PUBLIC_URL, database_url
from tests.simulation.driven import DrivenWriter
from tests.simulation.nodes import Node
from tests.simulation.wire import LONGEST_DELAY, Wire
from tests.simulation.world import WallClock, World

RULES = Rules(request_seconds=90, release_floor_seconds=20, join_seconds=30, completed_seconds=4)


@dataclass(frozen=True)
class Sent:
    """A request on its way."""

    method: str
    target: bytes
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes

    @property
    def key(self) -> str:
        """Its idempotency key, or ""."""
        return next((value.decode() for name, value in self.headers if name.lower() == b"idempotency-key"), "")

    def __str__(self) -> str:
        return f"{self.method} {self.target.decode()} {self.key[:8]}".rstrip()


@dataclass(frozen=True)
class Reply:
    """An answer on its way."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes

    @property
    def code(self) -> str:
        """The code of a refusal, or ""."""
        said = json.loads(self.body) if self.status >= 400 else {}
        return str(said.get("code", ""))


@dataclass
class Host:
    """Where the backend runs, once or again and again. `path` is its database."""

    world: World
    path: Path
    disk: Disk
    wires: list[Wire] = field(default_factory=list)
    listens: bool = False
    nodes: list[Node] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.clock = WallClock(self.world)
        self._asked_to_stop = asyncio.Event()
        self.has_stopped = self._has_files_open = False

    @property
    def node(self) -> Node:
        """The process of now."""
        return self.nodes[-1]

    @property
    def reader(self) -> Connection:
        """A connection to look at the database with, while the backend serves."""
        near = self.backend.store._readers._near
        assert near is not None
        return near

    def start(self) -> None:
        """Start the backend."""
        name = f"backend {len(self.nodes) + 1}"
        self.nodes.append(Node(name, self.world.chance(name)))
        self._asked_to_stop, self.has_stopped = asyncio.Event(), False
        self.node.start(self._live(self.node))

    async def _live(self, node: Node) -> None:
        settings = ServerSettings(database_url(self.path), rules=RULES, public_url=PUBLIC_URL, hosts=("backend",))
        loop = asyncio.get_running_loop()
        try:
            self.backend = Backend(settings, stop=self._failed, clock=self.clock, steady=loop.time)
        except DatabaseError as error:
            self._failed(str(error))
            return
        self._has_files_open = True
        messages = iter(("lifespan.startup", "lifespan.shutdown"))

        async def receive() -> Message:
            kind = next(messages)
            if kind == "lifespan.shutdown":
                await self._asked_to_stop.wait()
            return {"type": kind}

        async def send(message: Message) -> None:
            self.listens = message["type"] == "lifespan.startup.complete"
            self.world.note("backend", message["type"])

        await self.backend({"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}, receive, send)
        self.has_stopped, self._has_files_open = True, False

    def _failed(self, why: str) -> None:
        """The backend says that it cannot go on: its process ends."""
        self.world.note("backend", f"stops: {why}")
        self.world.later(0.0, self.kill)

    # --- its ends ---------------------------------------------------------------------------------------------

    async def stop(self) -> None:
        """End it as a service is ended: goodbyes are said, what is under way is finished."""
        self.node.context.run(self.backend.farewell)
        await self.world.sleep(0.05)
        self.listens = False
        self._cut_wires("closed by the backend")
        await self.world.sleep(0.6)
        self._asked_to_stop.set()
        while self.node.runs and not self.has_stopped:
            await self.world.sleep(0.05)
        self.node.stop(self.world.now)

    def kill(self) -> None:
        """`kill -9`: what it had in memory is gone, what it wrote is there."""
        if self.node.runs:
            self.world.note("backend", "killed")
            self._die()
            self._cut_wires("cut with the backend")

    def lose_power(self) -> None:
        """What was not synced is kept, lost or torn; terminals hear nothing more on the lines they have."""
        if self.node.runs:
            self.world.note("backend", "without power")
            self._die()
            self.disk.restore(self.world.chance(f"power {len(self.nodes)}"))
            for wire in self.wires:
                self.world.later(LONGEST_DELAY, wire.silence)

    def lose_power_at(self, change: int) -> None:
        """Lose power in the middle of one of the next changes of the disk."""

        def before(number: int) -> None:
            if number == change:
                self.node.stop(self.world.now)
                self.world.later(0.0, self._lost_power)
                self.disk.cut()

        self.disk.arm(before)

    def _lost_power(self) -> None:
        self.node.runs = True
        self.lose_power()

    def restore(self, saved: Path) -> None:
        """Put a copy in the database's place, while nothing runs."""
        copies.restore(self.path, saved, lambda done, of: None)
        self.disk.files.clear()

    def _die(self) -> None:
        """Nothing runs any more, and files are closed without a last write."""
        self.listens = False
        self.node.stop(self.world.now)
        self.disk.disarm()
        if self._has_files_open:
            self._has_files_open = False
            close_files(self.backend)

    def _cut_wires(self, why: str) -> None:
        for wire in self.wires:
            wire.cut(why)
        self.wires.clear()

    # --- what it serves -----------------------------------------------------------------------------------------

    def carry_out(self, sent: Sent, then: Callable[[Reply | None], None]) -> None:
        """Serve a request; `then` is told the answer, or nothing when the process ends first."""
        node = self.node
        serving = node.start(self._served(sent))

        def done(task: asyncio.Task[Reply]) -> None:
            if not task.cancelled():
                then(task.result())

        serving.add_done_callback(done)

    async def _served(self, sent: Sent) -> Reply:
        url = urlsplit(sent.target.decode())
        start: dict[str, Any] = {}
        body: list[bytes] = []
        asked = iter(({"type": "http.request", "body": sent.body, "more_body": False},))

        async def receive() -> Message:
            return dict(next(asked))

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
            else:
                body.append(message.get("body", b""))

        scope: dict[str, Any] = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": sent.method,
        }
        scope |= {"scheme": "http", "path": url.path, "raw_path": sent.target, "query_string": url.query.encode()}
        scope |= {"headers": [(name.lower(), value) for name, value in sent.headers], "client": ("t", 1)}
        scope |= {"server": ("backend", 8420), "root_path": ""}
        await self.backend(scope, receive, send)
        return Reply(start["status"], tuple(start["headers"]), b"".join(body))

    def serve(self, wire: Wire) -> None:
        """Serve a terminal."""
        self.wires.append(wire)
        headers = [(b"host", b"backend"), (b"authorization", f"Bearer {wire.token}".encode()), (b"mechtui-api", b"1")]
        scope = {"type": "websocket", "path": FEED_PATH, "headers": headers}
        self.node.start(self.backend(scope, wire.receive, wire.answer))


def close_files(backend: Backend) -> None:
    """Close what a backend that was killed had open, as the system does."""
    store = backend.store
    writer = store._writer
    assert isinstance(writer, DrivenWriter)
    for connection in (*store._readers._opened, writer.connection):
        assert isinstance(connection, SqliteConnection)
        with contextlib.suppress(apsw.ConnectionClosedError):  # it was just stopping
            connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
            connection.close()
        if connection.lock is not None:
            connection.lock.close()
