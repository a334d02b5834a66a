"""Starting on a database that is not fit to be used: a clear sentence, and the file as it was."""

import hashlib
import subprocess
import sys
from collections.abc import Callable
from importlib.resources import files as resources
from pathlib import Path

import apsw
import pytest

from mechtui.config import DEFAULT_PLANS, PlanSetting, ServerSettings
from mechtui.server import accounts
from mechtui.server.db.engine import engine_of
from mechtui.server.db.errors import DatabaseError
from mechtui.server.db.sqlite import files
from mechtui.server.db.sqlite.connection import open_reader, open_writer
from mechtui.server.db.sqlite.engine import SqliteEngine
from mechtui.server.serve import run_server
from tests.engines import silent
from tests.server.support import ShopFloor, database_url


@pytest.fixture
def database(tmp_path: Path) -> str:
    """These tests are of the file."""
    return database_url(tmp_path / "shop.db")


def whole(path: Path) -> None:
    files.prepare(path, DEFAULT_PLANS)
    connection = open_writer(path)
    for number in range(400):
        connection.execute(
            "INSERT INTO customers (id, name, created_at) VALUES (?, ?, 'x')", (f"{number:064d}", "name" * 40)
        )
    connection.close()


def newer(path: Path) -> None:
    whole(path)
    connection = apsw.Connection(str(path))
    connection.pragma("user_version", files.SCHEMA_VERSION + 1)
    connection.close()


def foreign(path: Path) -> None:
    connection = apsw.Connection(str(path))
    connection.execute("CREATE TABLE songs (title)")
    connection.close()


def no_database(path: Path) -> None:
    path.write_text("Dear diary, today a Camry stalled. " * 500)


def torn(path: Path) -> None:
    whole(path)
    content = bytearray(path.read_bytes())
    content[len(content) // 2 :] = b"\x5a" * (len(content) - len(content) // 2)
    path.write_bytes(content)


def cut_short(path: Path) -> None:
    whole(path)
    path.write_bytes(path.read_bytes()[: 3 * 4096 + 17])


UNFIT: list[tuple[Callable[[Path], None], str]] = [
    (newer, "newer mechtui"),
    (foreign, "not one of mechtui"),
    (no_database, "damaged"),
    (torn, "damaged"),
    (cut_short, "damaged"),
]


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize(("make", "words"), UNFIT, ids=[make.__name__ for make, _ in UNFIT])
def test_the_backend_does_not_start_and_touches_nothing(
    tmp_path: Path, make: Callable[[Path], None], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "shop.db"
    make(path)
    before = digest(path)
    assert run_server(ServerSettings(database_url(path), port=0)) != 0
    said = capsys.readouterr().err
    assert words in said
    assert str(path) in said
    assert digest(path) == before


def test_a_locked_database_is_said_to_be_locked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "shop.db"
    whole(path)
    other = apsw.Connection(str(path))
    other.execute("BEGIN EXCLUSIVE")
    assert run_server(ServerSettings(database_url(path), port=0)) != 0
    assert "locked by another program" in capsys.readouterr().err
    other.close()


def test_one_backend_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "shop.db"
    whole(path)
    held = files.lock_for_serving(path)
    assert run_server(ServerSettings(database_url(path), port=0)) != 0
    assert "already serves" in capsys.readouterr().err
    held.close()


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DatabaseError, match="cannot be opened"):
        files.prepare(tmp_path / "file" / "shop.db", DEFAULT_PLANS)


def test_it_is_made_by_whoever_comes_first(tmp_path: Path) -> None:
    url = database_url(tmp_path / "new folder" / "shop.db")
    account = accounts.add_mechanic(url, "Ann")
    assert [mechanic.id for mechanic in accounts.list_mechanics(url)] == [account.id]
    assert (tmp_path / "new folder" / "shop.db").stat().st_mode & 0o777 == 0o600


def test_two_that_come_first_at_once_make_one(tmp_path: Path) -> None:
    url = database_url(tmp_path / "shop.db")
    code = f"from mechtui.server.accounts import add_desk; add_desk({url!r}, 'web')"
    both = [subprocess.Popen([sys.executable, "-c", code]) for _ in range(2)]
    assert [process.wait() for process in both] == [0, 0]
    reader = open_reader(tmp_path / "shop.db")
    assert reader.execute("SELECT count(*) FROM desks").fetchall() == [(2,)]
    reader.close()


def test_tokens_are_stored_as_digests_only(tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    account = accounts.add_mechanic(database_url(path), "Ann")
    stored = b"".join(part.read_bytes() for part in tmp_path.iterdir())
    assert account.token.encode() not in stored
    assert accounts.token_hash(account.token).encode() in stored


def test_plans_follow_the_settings(tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    files.prepare(path, DEFAULT_PLANS)
    files.prepare(path, (PlanSetting("chat30", "chat", "Talk", minutes=20, price_cents=500, standard=True),))
    reader = open_reader(path)
    assert reader.execute("SELECT code, name, minutes FROM plans WHERE active").fetchall() == [("chat30", "Talk", 20)]
    assert reader.execute("SELECT count(*) FROM plans").fetchall() == [(4,)]
    reader.close()
    with pytest.raises(DatabaseError, match="one standard plan"):
        files.prepare(path, tuple(PlanSetting(c, "chat", c, 1, 1, standard=True) for c in ("a", "b")))


async def test_a_backup_is_whole_while_the_backend_writes(floor: ShopFloor, tmp_path: Path) -> None:
    for _ in range(10):
        await floor.submit()
    engine_of(floor.database).backup(tmp_path / "saved.db", silent)
    await floor.submit()
    reader = open_reader(tmp_path / "saved.db")
    assert reader.execute("SELECT count(*) FROM sessions").fetchall() == [(10,)]
    reader.close()
    with pytest.raises(DatabaseError, match="exists already"):
        engine_of(floor.database).backup(tmp_path / "saved.db", silent)


async def test_a_restore_begins_a_new_history_and_keeps_the_old_file(floor: ShopFloor, tmp_path: Path) -> None:
    url, path = floor.database, tmp_path / "shop.db"
    await floor.submit()
    engine_of(url).backup(tmp_path / "saved.db", silent)
    await floor.submit()
    epoch = floor.reader.execute("SELECT epoch FROM feed_head").fetchall()
    with pytest.raises(DatabaseError, match="already serves"):
        engine_of(url).restore(tmp_path / "saved.db", silent)
    await floor.close()
    said = engine_of(url).restore(tmp_path / "saved.db", silent)
    floor.store, floor.reader = floor.open(), open_reader(path)
    assert floor.reader.execute("SELECT epoch FROM feed_head").fetchall() != epoch
    assert floor.reader.execute("SELECT count(*) FROM sessions").fetchall() == [(1,)]
    kept = path.with_name("shop.db.before-restore-1")
    assert str(kept) in said
    old = open_reader(kept)
    assert old.execute("SELECT count(*) FROM sessions").fetchall() == [(2,)]
    old.close()


def test_a_damaged_backup_is_not_restored(tmp_path: Path) -> None:
    whole(tmp_path / "shop.db")
    torn(tmp_path / "saved.db")
    before = digest(tmp_path / "shop.db")
    with pytest.raises(DatabaseError, match="damaged"):
        engine_of(database_url(tmp_path / "shop.db")).restore(tmp_path / "saved.db", silent)
    assert digest(tmp_path / "shop.db") == before


def older(path: Path) -> None:
    """A database as the first version made it, with a shop's work in it."""
    connection = apsw.Connection(str(path))
    connection.execute(resources("mechtui.server.db").joinpath("schema", files.STEPS[0]).read_text())
    connection.execute(FIRST_WORK)
    connection.pragma("application_id", files.APPLICATION_ID)
    connection.pragma("user_version", 1)
    connection.close()


FIRST_WORK = """
INSERT INTO feed_head VALUES (1, 'epoch', 1);
INSERT INTO plans (code, type, name, minutes, price_cents, mechanic_share_bp) VALUES ('old', 'chat', 'Old', 1, 1, 1);
INSERT INTO customers VALUES ('c', 'Cora', NULL, NULL, '2026-01-01T00:00:00.000Z');
INSERT INTO intakes (id, customer_id, type, urgent, name, concern, folded, created_at)
  VALUES ('i', 'c', 'chat', 0, 'Cora', 'knocks', 'cora knocks', '2026-01-01T00:00:00.000Z');
INSERT INTO sessions (id, customer_id, intake_id, plan_code, type, status, urgent, created_at, expires_at, minutes,
  price_cents, mechanic_share_bp, customer_token_hash) VALUES ('s', 'c', 'i', 'old', 'chat', 'pending', 0,
  '2026-01-01T00:00:00.000Z', '2026-01-01T00:15:00.000Z', 1, 1, 1, printf('%064d', 1));
INSERT INTO events VALUES (1, 's', 'created', 'customer', NULL, '2026-01-01T00:00:00.000Z', NULL);
"""


def test_an_older_database_becomes_what_a_fresh_one_is(tmp_path: Path) -> None:
    older(tmp_path / "older.db")
    files.prepare(tmp_path / "older.db", DEFAULT_PLANS)
    files.prepare(tmp_path / "fresh.db", DEFAULT_PLANS)
    upgraded, fresh = (open_reader(tmp_path / name) for name in ("older.db", "fresh.db"))
    schema = "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name"
    assert upgraded.execute(schema).fetchall() == fresh.execute(schema).fetchall()
    assert upgraded.pragma("user_version") == files.SCHEMA_VERSION
    assert upgraded.execute("SELECT kind, session_id FROM events").fetchall() == [("created", "s")]
    upgraded.close()
    fresh.close()


def test_a_database_in_use_by_an_older_backend_is_not_upgraded(tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    older(path)
    with files.lock_for_serving(path), pytest.raises(DatabaseError, match="already serves"):
        files.prepare(path, DEFAULT_PLANS)
    assert open_reader(path).pragma("user_version") == 1


def test_an_upgrade_that_cannot_be_whole_is_none(tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    older(path)
    connection = apsw.Connection(str(path))
    connection.execute(
        "UPDATE sessions SET mechanic_id = 'nobody', accepted_at = created_at, status = 'waiting', version = 2"
    )
    connection.close()
    with pytest.raises(DatabaseError, match="1 rows refer"):
        files.prepare(path, DEFAULT_PLANS)
    assert open_reader(path).pragma("user_version") == 1


def test_upgrade_says_what_it_did(tmp_path: Path) -> None:
    url = database_url(tmp_path / "shop.db")
    assert "made" in engine_of(url).upgrade()
    assert "nothing to do" in engine_of(url).upgrade()
    older(tmp_path / "older.db")
    assert "from schema 1" in engine_of(database_url(tmp_path / "older.db")).upgrade()


def test_whoever_asks_every_few_seconds_does_not_have_the_file_read_through(tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    whole(path)
    path.write_bytes(path.read_bytes()[:-4096] + b"\x5a" * 4096)
    engine = SqliteEngine(database_url(path))
    for ways in (engine.looking, engine.changing):
        with pytest.raises(DatabaseError, match="damaged"), ways():
            pass
        with ways(through=False) as connection:
            assert connection.execute("SELECT count(*) FROM desks").fetchall() == [(0,)]
