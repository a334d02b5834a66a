"""A backend in a process of its own, to be killed and started again on the same port and database."""

import asyncio
import signal
import socket
import subprocess
import sys
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import httpx

from mechtui.config import sqlite_path
from mechtui.server import accounts
from mechtui.server.accounts import NewAccount
from mechtui.server.db.engine import engine_of
from tests.faults.order import Fact

START_SECONDS = 60.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class BackendProcess:
    """A backend on a database, for which `mechanics` accounts and a desk are made.

    `bug` names one of `tests.faults.planted`.
    """

    database: str
    mechanics: int
    bug: str = "none"
    port: int = field(default_factory=free_port)

    def __post_init__(self) -> None:
        self.crew: list[NewAccount] = [accounts.add_mechanic(self.database, f"M{n}") for n in range(self.mechanics)]
        self.desk = accounts.add_desk(self.database, "web")
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def path(self) -> Path:
        """The file, where the database is one."""
        return sqlite_path(self.database)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Start it and wait until it answers."""
        self._process = self._launch()
        async with asyncio.timeout(START_SECONDS), httpx.AsyncClient(base_url=self.url, trust_env=False) as http:
            while not await _answers(http):
                assert self._process.poll() is None, "the backend did not start"
                await asyncio.sleep(0.01)

    def _launch(self) -> subprocess.Popen[bytes]:
        module = [sys.executable, "-m", "tests.faults.planted", self.bug, self.database, str(self.port)]
        return subprocess.Popen(module, stdout=subprocess.DEVNULL)

    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def pause(self) -> None:
        """Let it hang, wherever it is."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """Let it go on as if nothing had happened."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """End it as a power cut ends a process: without a word."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Leave no process behind, however the test went."""
        if self._process is not None and self._process.poll() is None:
            self.kill()

    def stop(self) -> int:
        """End it as a service manager does. Returns its exit status."""
        assert self._process is not None
        self._process.terminate()
        return self._process.wait(10)


async def _answers(http: httpx.AsyncClient) -> bool:
    try:
        return (await http.get("/api/health")).status_code == 200
    except httpx.TransportError:
        return False


async def post(http: httpx.AsyncClient, path: str, token: str, body: Any, key: str | None = None) -> httpx.Response:
    """A write, under a key of its own unless one is given."""
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": key or str(uuid.uuid4())}
    return await http.post(path, json=body, headers=headers)


async def submit(http: httpx.AsyncClient, token: str, name: str, at: str = "") -> str:
    """A new request's id; handed in `at` this address, unless `http` has one."""
    answer = await post(http, f"{at}/api/intakes", token, {"type": "chat", "name": name, "concern": "It stalls."})
    assert answer.status_code == 201, answer.text
    session_id: str = answer.json()["session"]["id"]
    return session_id


def said_in(answer: httpx.Response) -> tuple[str, str]:
    """The answer in the checker's words."""
    if answer.status_code == 200:
        return "done", ""
    if answer.status_code >= 500:
        return str(answer.status_code), ""
    refusal = answer.json()
    match refusal["code"]:
        case "ALREADY_TAKEN":
            return "taken", refusal["by"]["id"]
        case "MECHANIC_HAS_ACTIVE_SESSION":
            return "busy", refusal["session_id"]
        case "REQUEST_ENDED" | "REQUEST_CANCELLED":
            return "over", ""
    return str(refusal["code"]), ""


def facts_in(database: str) -> list[Fact]:
    """The log of a database, for the checker."""
    reader = engine_of(database).open_reader()
    rows = reader.execute("SELECT seq, session_id, kind, coalesce(mechanic_id, '') FROM events ORDER BY seq").fetchall()
    reader.close()
    return [Fact(int(str(row[0])), str(row[1]), str(row[2]), str(row[3])) for row in rows]
