"""The demo's keeper: makes the shop in a folder, runs the backend and the people, and clears up when it is over.

`shopfront.open_shop` runs it as `python -m mechtui.server.demo.keeper`. It says in one line of JSON where the shop
is, or what went wrong, and keeps on until its input ends. A backend that dies meanwhile is started again, on the same
port, so that one can see what the dashboard does about it.
"""

import asyncio
import json
import os
import re
import shutil
import sys
import tempfile
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from mechtui.server.accounts import add_desk, add_mechanic
from mechtui.server.db.errors import DatabaseError
from mechtui.server.db.sessions import Mechanic
from mechtui.server.demo.lifeline import Lifeline
from mechtui.server.demo.own_postgres import OWNER, NoServerError, OwnServer
from mechtui.server.demo.seed import seed_past
from mechtui.server.demo.shop import DANA, SAM, plan_past
from mechtui.server.demo.shopfront import OpenShop, Order, ShopError

_ADDRESS = re.compile(rb"http://\S+")
_START_SECONDS = 20.0
_GRACE_SECONDS = 3.0
_RESTART_SECONDS = 2.0


class Keeper:
    """The shop in `folder`, from its making to its end."""

    def __init__(self, folder: Path, order: Order) -> None:
        self._folder = folder
        self._order = order
        self._database = folder / "shop.db"
        self._url = f"sqlite:///{quote(str(self._database))}"
        self._keys = folder / "keys.json"
        self._open: dict[str, list[str]] = {"active": [], "open": []}
        self._processes: list[Process] = []
        self._watch: asyncio.Task[None] | None = None
        self._server: OwnServer | None = None

    async def open(self) -> OpenShop:
        """Make the shop unless it is there, and start all that runs in it. Raises `ShopError`."""
        if self._order.postgres:
            self._start_postgres()
        if not self._keys.exists():
            await self._make()
        keys = json.loads(self._keys.read_text())
        backend, server = await self._start_backend(port=0)
        self._watch = asyncio.create_task(self._keep_serving(backend, int(server.rpartition(":")[2])))
        shop = OpenShop(server, str(self._folder), self._url, **keys)
        if self._order.people:
            await self._start_people(shop)
        return shop

    async def close(self) -> None:
        """End every process: first with a word, then without."""
        if self._watch is not None:
            self._watch.cancel()
        for process in self._processes:
            with suppress(ProcessLookupError):
                process.terminate()
        for process in self._processes:
            await _ended(process)
        if self._server is not None:
            self._server.close()

    def _start_postgres(self) -> None:
        try:
            self._server = OwnServer()
        except NoServerError as error:
            raise ShopError(str(error)) from error
        self._url = self._server.url(OWNER)

    async def _make(self) -> None:
        """Accounts and a past. The keys are written last: a shop without them was never finished."""
        if self._database.exists():
            raise ShopError(f"{self._folder} holds a database that no demo finished; name another folder with --keep")
        accounts = {name: add_mechanic(self._url, name) for name in (DANA, SAM)}
        desk = add_desk(self._url, "Front desk")
        past = plan_past(self._order.seed, datetime.now(UTC), open_sessions=self._order.people)
        mechanics = {name: Mechanic(account.id, name) for name, account in accounts.items()}
        ids = await seed_past(self._url, past, mechanics)
        self._open = {"active": [ids[place] for place in past.active], "open": [ids[place] for place in past.open]}
        tokens = {"dana": accounts[DANA].token, "sam": accounts[SAM].token, "desk": desk.token}
        self._keys.touch(mode=0o600)
        self._keys.write_text(json.dumps(tokens))

    async def _start_backend(self, port: int) -> tuple[Process, str]:
        command = (sys.executable, "-m", "mechtui.server.demo.backend", self._url, str(port))
        backend = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE)
        self._processes.append(backend)
        assert backend.stdout is not None
        try:
            said = await asyncio.wait_for(backend.stdout.readline(), _START_SECONDS)
        except TimeoutError as error:
            raise ShopError(f"the backend was not there after {_START_SECONDS:.0f} s") from error
        address = _ADDRESS.search(said)
        if address is None:
            raise ShopError(f"the backend did not start: {self._last_words()}")
        return backend, address[0].decode()

    async def _keep_serving(self, backend: Process, port: int) -> None:
        while True:
            await backend.wait()
            self._processes.remove(backend)
            await asyncio.sleep(_RESTART_SECONDS)
            backend, _ = await self._start_backend(port)

    async def _start_people(self, shop: OpenShop) -> None:
        people = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "mechtui.server.demo.live", stdin=PIPE, stdout=DEVNULL
        )
        self._processes.append(people)
        assert people.stdin is not None
        wishes = asdict(shop) | self._open | {"seed": self._order.seed, "speed": self._order.speed}
        people.stdin.write(json.dumps(wishes).encode() + b"\n")
        await people.stdin.drain()

    def _last_words(self) -> str:
        lines = (self._folder / "shop.log").read_text(errors="replace").split("\n")
        return next((line for line in reversed(lines) if line.strip()), "it said nothing")


async def _ended(process: Process) -> None:
    try:
        await asyncio.wait_for(process.wait(), _GRACE_SECONDS)
    except TimeoutError:
        process.kill()
        await process.wait()


@contextmanager
def _folder(keep: str | None) -> Iterator[Path]:
    """The folder to work in: the one to keep, or one that is gone afterwards."""
    if keep is not None:
        yield _kept_folder(Path(keep).absolute())
        return
    folder = Path(tempfile.mkdtemp(prefix="mechtui-demo-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def _kept_folder(folder: Path) -> Path:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ShopError(f"{folder} cannot be used as a folder ({error.strerror}); name another with --keep") from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise ShopError(f"{folder} cannot be written to; name another folder with --keep")
    return folder


def _log_to(folder: Path) -> None:
    """Send what this process and its children complain about to the shop's log: the screen is the dashboard's."""
    log = os.open(folder / "shop.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(log, sys.stderr.fileno())
    os.close(log)


def _say(answer: dict[str, str]) -> None:
    """Answer whoever ordered the shop; if he is gone, the lifeline tells that, too."""
    with suppress(BrokenPipeError):
        os.write(sys.stdout.fileno(), json.dumps(answer).encode() + b"\n")


async def main() -> None:
    """Keep a shop as ordered. What customers wrote, and the keys, are for nobody else's eyes."""
    os.umask(0o077)
    lifeline = await Lifeline.grasp()
    try:
        await _keep(Order(**lifeline.order), lifeline.over)
    except (ShopError, DatabaseError) as error:
        _say({"error": str(error)})


async def _keep(order: Order, over: asyncio.Event) -> None:
    with _folder(order.keep) as folder:
        _log_to(folder)
        keeper = Keeper(folder, order)
        try:
            _say(asdict(await keeper.open()))
            await over.wait()
        finally:
            await keeper.close()


if __name__ == "__main__":
    asyncio.run(main())
