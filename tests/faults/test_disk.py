"""Power cuts, failing writes, a full disk: what was answered is there, and what is not known is said to be so."""

import asyncio
import contextlib
import random
import shutil
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import apsw
import pytest

from mechtui.server.db import sessions
from mechtui.server.db.accepts import Accept
from mechtui.server.db.answers import Reply, Ticket
from mechtui.server.db.engine import engine_of
from mechtui.server.db.errors import DatabaseBusyError, OutcomeUnknownError, WriterStoppedError
from mechtui.server.db.rows import SessionRow
from mechtui.server.db.sqlite.connection import SqliteConnection
from mechtui.server.db.store import Store
from tests.faults import LARGE
from tests.faults.disk import Disk, mounted
from tests.faults.tally import Tally
from tests.rules.audit import findings
from tests.server.support import SHOP, HandClock, ShopFloor, database_url

SEEDS = 10_000 if LARGE else 60
REQUESTS = 8
CHANGES_OF_A_RUN = 120
"""About as many changes as a run makes when nothing happens to it: a cut falls anywhere within."""

Patch = Callable[[pytest.MonkeyPatch], None]


@dataclass
class Template:
    """A database with requests that wait and a mechanic for each; every run begins with a copy of it."""

    path: Path
    work: list[tuple[sessions.Mechanic, str]] = field(default_factory=list)

    def copy(self, to: Path) -> Path:
        shutil.copy(self.path, to)
        return to


@pytest.fixture
async def template(tmp_path_factory: pytest.TempPathFactory) -> Template:
    made = Template(tmp_path_factory.mktemp("template") / "shop.db")
    floor = ShopFloor(database_url(made.path))
    made.work = [(floor.ann, (await floor.submit("One")).id), (floor.bob, (await floor.submit("Two")).id)]
    await floor.close()
    return made


@dataclass
class Run:
    """One life of a store on a disk: what it answered, row by row, and whether it said that it has failed."""

    store: Store
    acknowledged: dict[str, int] = field(default_factory=dict)
    failures: list[Exception] = field(default_factory=list)

    async def work(self, chance: random.Random, work: list[tuple[sessions.Mechanic, str]]) -> None:
        """Each mechanic takes his request, gives it back, and again, until something fails."""
        await asyncio.gather(*(self._mechanic(chance, me, session_id) for me, session_id in work))

    async def _mechanic(self, chance: random.Random, me: sessions.Mechanic, session_id: str) -> None:
        for _ in range(REQUESTS):
            await self._note(self.store.run(Accept(me, session_id)))
            if chance.random() < 0.5:
                await asyncio.sleep(0)
            await self._note(self.store.run(lambda tx: sessions.release(tx, me, session_id, "")))

    async def _note(self, change: asyncio.Future[SessionRow]) -> None:
        row = await change
        self.acknowledged[row.id] = row.version


@contextlib.asynccontextmanager
async def on_disk(path: Path, disk: Disk) -> AsyncIterator[Run]:
    """A store on this disk, which works well until the test arms it."""
    failures: list[Exception] = []
    with mounted(disk):
        run = Run(Store(database_url(path), SHOP, clock=HandClock(), failed=failures.append), failures=failures)
        try:
            yield run
        finally:
            disk.disarm()
            await run.store.close()


def lost(path: Path, acknowledged: dict[str, int]) -> list[str]:
    """What was answered and is not there, and what does not fit together."""
    reader = engine_of(database_url(path)).open_reader()
    try:
        rows = reader.execute("SELECT id, version FROM sessions").fetchall()
        versions = {str(name): int(version) for name, version in rows}
        missing = [f"{name}: {version}" for name, version in acknowledged.items() if versions[name] < version]
        return missing + [str(finding) for finding in findings(reader)]
    finally:
        reader.close()


# --- power ------------------------------------------------------------------------------------------------------


async def power_cut(template: Template, path: Path, seed: int) -> list[str]:
    """Cut the power once at some moment, then look what is there."""
    chance = random.Random(seed)
    moment = chance.randint(1, CHANGES_OF_A_RUN)
    disk = Disk()

    def before(number: int) -> None:
        if number == moment:
            disk.cut()

    async with on_disk(template.copy(path), disk) as run:
        disk.arm(before)
        with contextlib.suppress(WriterStoppedError):
            await run.work(chance, template.work)
    disk.restore(chance)
    return lost(path, run.acknowledged)


@pytest.mark.parametrize("part", range(20 if LARGE else 2))
async def test_a_power_cut_loses_nothing_that_was_answered(
    template: Template, tmp_path: Path, part: int, tally: Tally
) -> None:
    parts = 20 if LARGE else 2
    for seed in range(part, SEEDS, parts):
        assert await power_cut(template, tmp_path / f"{seed}.db", seed) == [], f"seed {seed}"
        (tmp_path / f"{seed}.db").unlink()
        tally.progress(seed // parts, SEEDS // parts)
    tally.add("power cuts, SQLite", seeds=SEEDS // parts)


@pytest.mark.planted
async def test_without_full_sync_it_would(template: Template, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The planted bug: the journal is not synced at each commit."""
    honest = SqliteConnection.pragma

    def pragma(self: SqliteConnection, name: str, value: object = None) -> object:
        if name == "synchronous":
            return honest(self, name, "normal") if value else 2
        return honest(self, name) if value is None else honest(self, name, value)

    monkeypatch.setattr(SqliteConnection, "pragma", pragma)
    results = [await power_cut(template, tmp_path / f"{seed}.db", seed) for seed in range(20)]
    assert any(results)


# --- errors -----------------------------------------------------------------------------------------------------


@dataclass
class Outcome:
    """What became of one accept whose n-th change of the disk failed: what was told, and what is there."""

    told: str
    there: bool
    stopped: bool
    again: str
    findings: list[str]


async def accept(store: Store, me: sessions.Mechanic, session_id: str) -> str:
    """The accept as a write over HTTP: `yes`, `surely not`, `unknown`, or the status of a refusal."""

    def encode(row: SessionRow) -> str:
        return row.id

    try:
        reply: Reply = await store.answer(Ticket(me.id, "key", "print"), Accept(me, session_id), encode)
    except OutcomeUnknownError:
        return "unknown"
    except DatabaseBusyError:
        return "surely not"
    return "yes" if reply.status == 200 else str(reply.status)


def as_killed_now(path: Path) -> Path:
    """The files as a process leaves them that is killed at this moment."""
    for name in (path.name, f"{path.name}-wal"):
        shutil.copy(path.with_name(name), path.with_name(f"killed-{name}"))
    return path.with_name(f"killed-{path.name}")


async def failing(template: Template, path: Path, strikes: Callable[[int], bool], error: type[Exception]) -> Outcome:
    me, session_id = template.work[0]
    disk = Disk()

    def before(number: int) -> None:
        if strikes(number):
            raise error("the test says so")

    async with on_disk(template.copy(path), disk) as run:
        disk.arm(before)
        told = await accept(run.store, me, session_id)
        stopped = bool(run.failures)
        path = as_killed_now(path)
    reader = engine_of(database_url(path)).open_reader()
    there = reader.execute("SELECT status FROM sessions WHERE id = ?", (session_id,)).fetchall()[0][0] == "waiting"
    store = Store(database_url(path), SHOP, clock=HandClock())
    again = await accept(store, me, session_id)
    await store.close()
    wrong = [str(finding) for finding in findings(reader)]
    reader.close()
    return Outcome(told, there, stopped, again, wrong)


async def outcomes(template: Template, folder: Path, error: type[Exception], *, lasting: bool) -> list[Outcome]:
    """One accept for each change it makes, with that change failing; the last one is the first that none failed of."""
    found: list[Outcome] = []
    for number in range(1, 60):
        strikes = partial(int.__le__ if lasting else int.__eq__, number)
        found.append(await failing(template, folder / f"{number}.db", strikes, error))
        if found[-1].told == "yes":
            return found
    raise AssertionError("an accept makes more changes than one would think")


@pytest.mark.parametrize("lasting", [False, True], ids=["once", "from then on"])
@pytest.mark.parametrize("error", [apsw.IOError, apsw.FullError])
async def test_an_error_at_any_write_is_never_a_false_no(
    template: Template, tmp_path: Path, error: type[Exception], lasting: bool, tally: Tally
) -> None:
    found = await outcomes(template, tmp_path, error, lasting=lasting)
    assert len(found) > 3, "nothing failed: this proved nothing"
    for number, outcome in enumerate(found[:-1], 1):
        assert outcome.told == "unknown", f"change {number}: {outcome}"
        assert outcome.stopped, f"change {number}: it went on with a disk that fails"
        assert outcome.again == "yes", f"change {number}: {outcome}"
        assert outcome.findings == []
    assert found[-1] == Outcome("yes", True, False, "yes", [])
    tally.add("errors of the disk, SQLite", writes_failed=len(found) - 1)


@pytest.mark.planted
async def test_a_failed_commit_told_as_a_no_would_be_false(
    template: Template, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The planted bug: what SQLite could not write is said to be surely not carried out."""
    monkeypatch.setattr(SqliteConnection, "fatal", ())
    monkeypatch.setattr(SqliteConnection, "undone", (apsw.IOError,))
    monkeypatch.setattr(SqliteConnection, "rollback", lambda _: None)
    found = await outcomes(template, tmp_path, apsw.IOError, lasting=False)
    assert any(outcome.told == "surely not" and outcome.there for outcome in found)
