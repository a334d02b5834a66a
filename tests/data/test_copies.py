"""Backup and restore: one form for both kinds of database, whole, of one moment, and under a new history."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import apsw
import pytest

from mechtui.config import DEFAULT_PLANS
from mechtui.server.db.engine import engine_of
from mechtui.server.db.errors import DatabaseError
from mechtui.server.db.rows import read_session
from mechtui.server.db.sqlite import exchange, files
from mechtui.server.db.sqlite.connection import SqliteConnection, open_reader
from mechtui.server.db.tables import TABLES
from mechtui.server.doctor.audit import audit
from mechtui.server.forgetting import Forgetting
from tests.data.conftest import MARK, traced
from tests.data.earlier import filled
from tests.engines import KINDS, Kind, PostgresServer, open_to_write, silent
from tests.server.support import ShopFloor

Fresh = Callable[[Kind], str]


@pytest.fixture
def fresh(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Fresh]:
    """Gives new databases of either kind, whose tables are made."""
    with ExitStack() as stack:
        numbers = iter(range(100))

        def made(kind: Kind) -> str:
            if kind == "sqlite":
                url = f"sqlite:///{tmp_path / f'fresh{next(numbers)}.db'}"
            else:
                server: PostgresServer = request.getfixturevalue("postgres")
                url = stack.enter_context(server.database())
            engine_of(url).prepare(DEFAULT_PLANS)
            return url

        yield made


def content(database: str) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table; of the feed's head its place, since its history begins anew."""
    with closing(engine_of(database).open_reader()) as reader, closing(SqliteConnection(":memory:")) as blank:
        files.lay_out(blank)
        told = {
            t.name: reader.execute(f"SELECT {t.columns.names} FROM {t.name}").fetchall() for t in exchange.tables(blank)
        }
    told["feed_head"] = [(one, seq) for one, _, seq in told["feed_head"]]
    return {name: sorted(rows, key=repr) for name, rows in told.items()}


def epoch(database: str) -> str:
    with closing(engine_of(database).open_reader()) as reader:
        return str(reader.execute("SELECT epoch FROM feed_head").fetchall()[0][0])


async def worked(database: str) -> None:
    """A shop with a bit of everything in it."""
    floor = ShopFloor(database)
    await traced(floor, concern="nul \0, mark \ufdd0, two \ufdd0\ufdd00, emoji 🚗")
    await floor.submit("Pending")
    held = await floor.submit("Held")
    await floor.accept(floor.ann, held.id)
    await floor.close()


@pytest.mark.parametrize("target", KINDS)
@pytest.mark.parametrize("source", KINDS)
async def test_a_shop_is_put_back_whole_on_either_kind(
    fresh: Fresh, tmp_path: Path, source: Kind, target: Kind
) -> None:
    old, new, saved = fresh(source), fresh(target), tmp_path / "saved"
    await worked(old)
    before = epoch(old), epoch(new)
    engine_of(old).backup(saved, silent)
    engine_of(new).restore(saved, silent)
    assert content(new) == content(old)
    assert epoch(new) not in before
    with closing(engine_of(new).open_reader()) as reader:
        assert audit(reader).findings == []
    floor = ShopFloor(new)
    row = await floor.submit("After it")
    assert (await floor.accept(floor.bob, row.id)).mechanic_id == floor.bob.id
    await floor.close()


@pytest.mark.parametrize("kind", KINDS)
async def test_every_kind_of_row_is_copied(fresh: Fresh, tmp_path: Path, kind: Kind) -> None:
    old, new = fresh("sqlite"), fresh(kind)
    filled(old)
    engine_of(old).backup(tmp_path / "saved", silent)
    engine_of(new).restore(tmp_path / "saved", silent)
    assert content(new) == content(old)
    assert [name for name, rows in content(new).items() if not rows] == []


@pytest.mark.parametrize("kind", KINDS)
async def test_what_stood_there_is_kept(fresh: Fresh, tmp_path: Path, kind: Kind) -> None:
    url = fresh(kind)
    engine_of(url).backup(tmp_path / "saved", silent)
    await worked(url)
    first, second = (engine_of(url).restore(tmp_path / "saved", silent) for _ in range(2))
    kept = first.rpartition(" ")[2]
    assert second.endswith(kept.removesuffix("1") + "2")
    if kind == "sqlite":
        with closing(open_reader(Path(kept))) as reader:
            assert reader.execute("SELECT count(*) FROM sessions").fetchall() == [(3,)]
    else:
        with closing(engine_of(url).open_reader()) as connection:
            assert connection.execute(f"SELECT count(*) FROM {kept}.sessions").fetchall() == [(3,)]
            assert connection.execute("SELECT count(*) FROM sessions").fetchall() == [(0,)]


@pytest.mark.parametrize("kind", KINDS)
async def test_it_is_refused_while_a_backend_serves(fresh: Fresh, tmp_path: Path, kind: Kind) -> None:
    url = fresh(kind)
    engine_of(url).backup(tmp_path / "saved", silent)
    floor = ShopFloor(url)
    await floor.submit()
    before = content(url)
    with pytest.raises(DatabaseError, match="serve"):
        engine_of(url).restore(tmp_path / "saved", silent)
    assert content(url) == before
    await floor.close()


@pytest.mark.parametrize("kind", KINDS)
async def test_a_backup_that_does_not_fit_changes_nothing(fresh: Fresh, tmp_path: Path, kind: Kind) -> None:
    url = fresh(kind)
    await worked(url)
    engine_of(url).backup(tmp_path / "saved", silent)
    broken = apsw.Connection(str(tmp_path / "saved"))
    broken.execute("PRAGMA foreign_keys = OFF; DELETE FROM customers")
    broken.close()
    before = content(url), epoch(url)
    with pytest.raises(DatabaseError):
        engine_of(url).restore(tmp_path / "saved", silent)
    assert (content(url), epoch(url)) == before


@pytest.mark.parametrize("kind", KINDS)
def test_no_file_is_written_over_and_none_left_behind(fresh: Fresh, tmp_path: Path, kind: Kind) -> None:
    url, saved = fresh(kind), tmp_path / "folder" / "saved"
    saved.parent.mkdir()
    saved.write_text("mine")
    with pytest.raises(DatabaseError, match="exists already"):
        engine_of(url).backup(saved, silent)
    assert saved.read_text() == "mine"
    with pytest.raises(DatabaseError, match="no backup at"):
        engine_of(url).restore(saved.parent / "none", silent)
    assert list(saved.parent.iterdir()) == [saved]


async def test_a_backup_is_of_one_moment_while_three_backends_write(postgres: PostgresServer, tmp_path: Path) -> None:
    with postgres.database() as url:
        floors = [ShopFloor(url) for _ in range(3)]
        done = asyncio.Event()

        async def busy(floor: ShopFloor) -> None:
            while not done.is_set():
                row = await floor.submit()
                await floor.go_live(floor.ann, row.id)
                await floor.end(floor.ann, row.id)

        working = [asyncio.create_task(busy(floor)) for floor in floors]
        for number in range(5):
            seq = floors[0].seq
            async with asyncio.timeout(60):
                while floors[0].seq < seq + 20:  # noqa: ASYNC110 - work goes on meanwhile
                    await asyncio.sleep(0.01)
            await asyncio.to_thread(engine_of(url).backup, tmp_path / f"saved{number}", silent)
        done.set()
        await asyncio.gather(*working)
        for floor in floors:
            await floor.close()
    for number in range(5):
        with closing(open_reader(tmp_path / f"saved{number}")) as reader:
            found = audit(reader)
            assert (found.findings, found.of > 0) == ([], True)


@pytest.mark.parametrize("kind", KINDS)
async def test_who_asked_to_be_forgotten_is_forgotten_again(fresh: Fresh, tmp_path: Path, kind: Kind) -> None:
    url = fresh(kind)
    floor = ShopFloor(url)
    row = await traced(floor)
    engine_of(url).backup(tmp_path / "saved", silent)
    await floor.store.run(
        lambda tx: tx.run(
            "INSERT INTO removals (customer_id, asked_at, asked_by) SELECT id, ?, 'sam' FROM customers", (tx.now,)
        )
    )
    await Forgetting(floor.store, None).catch_up()
    await floor.close()
    engine_of(url).restore(tmp_path / "saved", silent)
    floor = ShopFloor(url)
    assert read_session(floor.reader, row.id).customer_name == f"Ms {MARK}"  # type: ignore[union-attr]
    await Forgetting(floor.store, None).catch_up()
    assert read_session(floor.reader, row.id).customer_name == "(removed)"  # type: ignore[union-attr]
    await floor.close()


def test_every_table_is_copied_and_the_columns_are_the_same(fresh: Fresh) -> None:
    with closing(engine_of(fresh("sqlite")).open_reader()) as file:
        names = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY 1"
        assert [name for (name,) in file.execute(names)] == sorted(TABLES)
        columns = {t.name: sorted(t.columns.each) for t in exchange.tables(file)}  # type: ignore[arg-type]
    with closing(engine_of(fresh("postgres")).open_reader()) as server:
        rows = server.execute(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public' "
            "AND is_generated = 'NEVER' ORDER BY 2"
        ).fetchall()
    there: dict[str, list[str]] = {}
    for table, column in rows:
        there.setdefault(str(table), []).append(str(column))
    assert {name: cols for name, cols in there.items() if name not in {"mechtui", "folds", "outbox"}} == columns


def test_another_programs_tables_are_left_alone(postgres: PostgresServer, tmp_path: Path, fresh: Fresh) -> None:
    engine_of(fresh("sqlite")).backup(tmp_path / "saved", silent)
    with postgres.database(empty=True) as url:
        connection = open_to_write(url)
        connection.execute("CREATE TABLE songs (title TEXT)")
        connection.close()
        with pytest.raises(DatabaseError, match="not one of mechtui"):
            engine_of(url).restore(tmp_path / "saved", silent)
