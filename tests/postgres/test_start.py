"""Starting on a server or a database that is not fit to be used: one clear sentence each, and nothing changed."""

import socket
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from mechtui.config import DEFAULT_PLANS, PlanSetting, ServerSettings
from mechtui.server import accounts
from mechtui.server.db.address import shown
from mechtui.server.db.engine import engine_of
from mechtui.server.db.errors import DatabaseError
from mechtui.server.db.postgres import schema
from mechtui.server.db.postgres.connection import PostgresConnection
from mechtui.server.db.postgres.serving import lock_to_prepare
from mechtui.server.demo.own_postgres import OwnServer
from mechtui.server.serve import run_server
from tests.engines import open_to_write


def refused(database: str, capsys: pytest.CaptureFixture[str]) -> str:
    """What is said when a backend does not start there."""
    assert run_server(ServerSettings(database, port=0)) == 3
    said = capsys.readouterr().err
    assert said.startswith("mechtui: ")
    assert "Traceback" not in said
    return said


def made(database: str) -> PostgresConnection:
    """A connection to the database with its tables made."""
    engine_of(database).prepare(DEFAULT_PLANS)
    connection = open_to_write(database)
    assert isinstance(connection, PostgresConnection)
    return connection


def nobody_there(_: OwnServer) -> str:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return f"postgresql://mechtui:secret@127.0.0.1:{unused.getsockname()[1]}/shop"


AWAY: dict[str, tuple[Callable[[OwnServer], str], str]] = {
    "nobody listens": (nobody_there, "no PostgreSQL server answers there"),
    "no such host": (lambda _: "postgresql://mechtui:secret@nowhere.invalid/shop", "no host called nowhere.invalid"),
    "no such socket": (lambda _: "postgresql:///shop?host=/nowhere", "no PostgreSQL server answers there"),
    "no such database": (lambda server: server.url("missing"), "no database called missing"),
    "no such role": (lambda server: server.url("postgres", "stranger"), "does not let stranger in"),
}


@pytest.mark.parametrize("name", AWAY)
def test_a_server_that_cannot_be_had(server: OwnServer, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    address, words = AWAY[name]
    said = refused(address(server), capsys)
    assert words in said
    assert "secret" not in said


def test_a_server_that_does_not_answer(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("mechtui.server.db.postgres.connection.CONNECT_SECONDS", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        said = refused(f"postgresql://127.0.0.1:{listening.getsockname()[1]}/shop", capsys)
    assert "did not answer" in said


def test_a_wrong_password(server: OwnServer, admin: PostgresConnection, capsys: pytest.CaptureFixture[str]) -> None:
    admin.command("CREATE ROLE guarded LOGIN PASSWORD 'right'")
    rules = server.folder / "data" / "pg_hba.conf"
    rules.write_text("local all guarded scram-sha-256\n" + rules.read_text())
    admin.command("SELECT pg_reload_conf()")
    said = refused(server.url("postgres", "guarded:wrong"), capsys)
    assert "does not let guarded in" in said
    assert "wrong@" not in said


def test_no_right_to_make_tables(database: str, admin: PostgresConnection, server: OwnServer) -> None:
    admin.command("CREATE ROLE poor LOGIN")
    with pytest.raises(DatabaseError, match="poor may not do that"):
        engine_of(server.url("shop", "poor")).prepare(DEFAULT_PLANS)


def test_too_few_connections(
    database: str, admin: PostgresConnection, server: OwnServer, capsys: pytest.CaptureFixture[str]
) -> None:
    admin.command("CREATE ROLE few LOGIN CONNECTION LIMIT 3")
    admin.command("ALTER DATABASE shop OWNER TO few")
    assert "no connection left" in refused(server.url("shop", "few"), capsys)


def newer(database: str) -> None:
    connection = made(database)
    connection.execute("UPDATE mechtui SET version = 99, serves_from = 99")
    connection.close()


def foreign(database: str) -> None:
    connection = open_to_write(database)
    connection.execute("CREATE TABLE songs (title TEXT)")
    connection.close()


def unsafe(database: str) -> None:
    connection = open_to_write(database)
    connection.execute("ALTER DATABASE shop SET synchronous_commit = off")
    connection.close()


@pytest.mark.parametrize(
    ("spoil", "words"),
    [(newer, "newer mechtui"), (foreign, "not one of mechtui"), (unsafe, "may lose what was committed")],
)
def test_a_database_that_is_not_fit(
    database: str, spoil: Callable[[str], None], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    spoil(database)
    assert words in refused(database, capsys)


def test_a_server_that_is_too_old(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "_OLDEST_SERVER", 10**9)
    with pytest.raises(DatabaseError, match="needs 14 or newer"):
        engine_of(database).prepare(DEFAULT_PLANS)


def test_text_must_be_unicode(admin: PostgresConnection, server: OwnServer) -> None:
    admin.command("CREATE DATABASE ancient ENCODING SQL_ASCII LOCALE 'C' TEMPLATE template0")
    with pytest.raises(DatabaseError, match="SQL_ASCII"):
        engine_of(server.url("ancient")).prepare(DEFAULT_PLANS)


def test_commands_exit_1_with_one_sentence(server: OwnServer) -> None:
    command = [sys.executable, "-m", "mechtui", "mechanic", "list", "--database", server.url("missing")]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (1, "", 1)


def test_two_that_come_first_at_once_make_one(database: str) -> None:
    code = f"from mechtui.server.accounts import add_desk; add_desk({database!r}, 'web')"
    both = [subprocess.Popen([sys.executable, "-c", code]) for _ in range(2)]
    assert [process.wait() for process in both] == [0, 0]
    reader = engine_of(database).open_reader()
    assert reader.execute("SELECT count(*) FROM desks").fetchall() == [(2,)]
    reader.close()


def test_who_comes_second_waits_however_long_the_first_takes(admin: PostgresConnection, database: str) -> None:
    first, second = (PostgresConnection(database, seconds=60, lock_timeout="1ms") for _ in range(2))
    first.begin()
    lock_to_prepare(first)
    second.begin()
    with ThreadPoolExecutor(1) as other:
        waiting = other.submit(lock_to_prepare, second)
        while not waiting.done() and not admin.execute("SELECT 1 FROM pg_locks WHERE NOT granted"):
            pass
        first.commit()
        waiting.result()
    for connection in (first, second):
        connection.close()


def test_plans_follow_the_settings(database: str) -> None:
    engine = engine_of(database)
    engine.prepare(DEFAULT_PLANS)
    engine.prepare((PlanSetting("chat30", "chat", "Talk", minutes=20, price_cents=500, standard=True),))
    reader = engine.open_reader()
    plans = reader.execute("SELECT code, name, minutes FROM plans WHERE active = 1").fetchall()
    reader.close()
    assert plans == [("chat30", "Talk", 20)]
    with pytest.raises(DatabaseError, match="one standard plan"):
        engine.prepare(tuple(PlanSetting(c, "chat", c, 1, 1, standard=True) for c in ("a", "b")))


def test_older_tables_become_what_fresh_ones_are(
    database: str, server: OwnServer, admin: PostgresConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as older:
        older.setattr(schema, "STEPS", schema.STEPS[:1])
        older.setattr(schema, "VERSION", 1)
        older.setattr("mechtui.server.db.plans.put", lambda *_: None)
        engine_of(database).prepare(DEFAULT_PLANS)
    assert f"from schema 1 to {schema.VERSION}" in engine_of(database).upgrade()
    assert "nothing to do" in engine_of(database).upgrade()
    admin.command("CREATE DATABASE fresh")
    assert "made" in engine_of(server.url("fresh")).upgrade()
    assert described(database) == described(server.url("fresh"))
    admin.command("DROP DATABASE fresh WITH (FORCE)")


def described(database: str) -> list[object]:
    """All columns, constraints, indexes and triggers."""
    reader = engine_of(database).open_reader()
    told: list[object] = [
        reader.execute(sql).fetchall()
        for sql in (
            "SELECT table_name, column_name, data_type, collation_name, is_nullable, column_default "
            "FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1, 2",
            "SELECT conrelid::regclass::text, conname::text, pg_get_constraintdef(oid) FROM pg_constraint "
            "WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2",
            "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1",
            "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1",
        )
    ]
    reader.close()
    return told


def test_an_upgrade_waits_for_no_older_backend(database: str) -> None:
    connection = made(database)
    connection.execute("UPDATE mechtui SET version = 1")
    connection.close()
    serving = engine_of(database).open_writer()
    with pytest.raises(DatabaseError, match="backends serve"):
        engine_of(database).upgrade()
    serving.close()


def test_a_copy_begins_a_history_of_its_own(database: str, server: OwnServer, admin: PostgresConnection) -> None:
    made(database).close()
    epoch = epoch_of(database)
    engine_of(database).prepare(DEFAULT_PLANS)
    assert epoch_of(database) == epoch
    admin.command("CREATE DATABASE copied TEMPLATE shop")
    engine_of(server.url("copied")).prepare(DEFAULT_PLANS)
    assert epoch_of(server.url("copied")) != epoch
    admin.command("DROP DATABASE copied WITH (FORCE)")


def test_a_dump_put_back_begins_a_history_of_its_own(
    database: str, server: OwnServer, admin: PostgresConnection, tmp_path: Path
) -> None:
    accounts.add_mechanic(database, "Ann")
    epoch, dump = epoch_of(database), tmp_path / "dump"
    programs = server.programs
    subprocess.run([programs / "pg_dump", "-Fc", "-f", dump, database], check=True, env=server.environ)
    admin.command("DROP DATABASE shop WITH (FORCE)")
    admin.command("CREATE DATABASE shop")
    subprocess.run([programs / "pg_restore", "--no-owner", "-d", database, dump], check=True, env=server.environ)
    engine_of(database).prepare(DEFAULT_PLANS)
    assert epoch_of(database) != epoch
    assert [mechanic.name for mechanic in accounts.list_mechanics(database)] == ["Ann"]


def epoch_of(database: str) -> str:
    reader = engine_of(database).open_reader()
    epoch: str = reader.execute("SELECT epoch FROM feed_head").fetchall()[0][0]
    reader.close()
    return epoch


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("postgresql://sam:secret@db.shop:5433/mechtui", "postgresql://sam@db.shop:5433/mechtui"),
        ("postgresql:///mechtui?host=/run&password=secret", "postgresql:///mechtui"),
        ("postgresql://sam:pass%40word@db.shop/mechtui", "postgresql://sam@db.shop/mechtui"),
    ],
)
def test_an_address_is_told_without_its_password(address: str, told: str) -> None:
    assert shown(address) == told
