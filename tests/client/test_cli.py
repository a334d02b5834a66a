"""The command line against a real backend: what it prints, and what a script can tell from its exit codes."""

import json
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from mechtui.exits import Exit
from mechtui.journal import Journal
from mechtui.server import accounts
from tests.client.shell import User
from tests.client.support import lines

HEAVY = {"textual", "httpx", "pydantic", "websockets", "fastapi", "uvicorn", "apsw", "rich", "asyncio"}


# --- the main job from a shell ------------------------------------------------------------------------------


def test_the_main_job(user: User) -> None:
    user.be_mechanic("Sam")
    session = user.submit(name="Zoë \x1b]0;x\x07", history=["2019 pads"])
    assert user.run("list", "incoming", "zoe", "--json") == Exit.DONE
    assert user.json()["customer_name"] == "Zoë \x1b]0;x\x07"
    assert user.run("accept", session) == Exit.DONE
    assert user.out.splitlines()[1] == f"{user.shop.server}/video/{session}"
    assert "\x1b" not in user.out
    assert user.run("accept", session, "--json") == Exit.DONE
    assert user.json()["sessionId"] == session
    assert user.run("join", session, "--json") == Exit.DONE
    assert user.json()["session"]["mechanic_joined_at"]
    assert user.run("list", "active", "--json") == Exit.DONE
    assert user.json()["url"] == f"{user.shop.server}/video/{session}"
    assert user.run("show", session) == Exit.DONE
    assert "2019 pads" in user.out
    assert "\x1b" not in user.out
    assert user.run("show", session, "--json") == Exit.DONE
    assert user.json()["session"]["id"] == session
    assert user.run("release", session, "--reason", "lunch") == Exit.DONE
    assert user.run("accept", session) == Exit.DONE
    assert user.run("end", session, "--json") == Exit.DONE
    assert user.json()["session"]["status"] == "cancelled"
    assert user.run("list", "history", "--json") == Exit.DONE
    assert user.json()["outcome"] == "cancelled"


def test_what_is_refused_says_why_and_exits_1(user: User) -> None:
    user.be_mechanic("Kim")
    mine, other = user.submit(name="One"), user.submit(name="Two")
    assert user.run("accept", mine) == Exit.DONE
    assert user.run("accept", other) == Exit.REFUSED
    assert "active session" in user.err
    user.be_mechanic("Lee")
    assert user.run("accept", mine) == Exit.REFUSED
    assert "Kim took this request first. Take another one." in user.err
    assert user.out == ""
    assert user.run("accept", "no-such-id") == Exit.REFUSED
    assert user.run("show", mine) == Exit.REFUSED
    assert user.run("end", other) == Exit.REFUSED


def test_lists_for_people_are_aligned_and_safe(user: User) -> None:
    user.be_mechanic()
    for name in ("漢字 Ltd", "tab\tand\x07bell\u202e", "short"):
        user.submit(kind="chat", name=f"aligned {name}", urgent=name == "short")
    assert user.run("list", "incoming", "aligned") == Exit.DONE
    head, *rows = user.out.splitlines()
    assert head.split() == ["ID", "TYPE", "REQUESTED", "LEFT", "CUSTOMER", "VEHICLE", "CONCERN"]
    assert len(rows) == 3
    assert "URGENT" in rows[0]
    assert not set(user.out) & {"\x07", "\t", "\u202e", "\x1b"}
    assert rows[0].index("grinding") == head.index("CONCERN")
    assert user.run("list", "incoming", "--limit", "1", "aligned") == Exit.DONE
    assert len(user.out.splitlines()) == 2
    assert "--limit" in user.err
    assert user.run("list", "incoming", "--json", "aligned", "video") == Exit.DONE
    assert user.out == ""
    assert user.run("list", "completed") == Exit.DONE
    assert user.out == "No completed sessions.\n"


def test_a_list_is_fetched_page_by_page(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mechtui.commands.client.PAGE_ROWS", 2)
    user.be_mechanic()
    made = [user.submit(kind="chat", name=f"paged {n}") for n in range(5)]
    assert user.run("list", "incoming", "paged", "--json") == Exit.DONE
    assert [json.loads(line)["id"] for line in user.out.splitlines()] == made
    assert user.run("list", "incoming", "paged", "--json", "--limit", "3") == Exit.DONE
    assert [json.loads(line)["id"] for line in user.out.splitlines()] == made[:3]


def test_a_list_takes_the_search_language(user: User) -> None:
    user.be_mechanic()
    video, chat = user.submit(name="lingua one"), user.submit(kind="chat", name="lingua two")
    assert user.run("list", "incoming", "--json", "--", "lingua", "-type:chat") == Exit.DONE
    assert [json.loads(line)["id"] for line in user.out.splitlines()] == [video]
    assert user.run("list", "incoming", "--json", "lingua", "year:20x", "type:chat") == Exit.DONE
    assert [json.loads(line)["id"] for line in user.out.splitlines()] == [chat]
    assert "year:20x is not understood, left out" in user.err


def test_next_takes_urgent_first_then_oldest(user: User) -> None:
    user.be_mechanic("Nia", ("diagnostic",))
    assert user.run("next") == Exit.REFUSED
    assert "no open request" in user.err
    old, urgent = user.submit("diagnostic"), user.submit("diagnostic", urgent=True)
    for expected in (urgent, old):
        assert user.run("next", "--json") == Exit.DONE
        assert user.json()["sessionId"] == expected
        assert user.run("next") == Exit.REFUSED
        assert user.run("end", expected) == Exit.DONE


def test_next_waits_until_one_comes(user: User) -> None:
    user.be_mechanic("Ola", ("diagnostic",))
    with user.start("next", "--wait", "--json") as process:
        assert process.stderr is not None
        while "live" not in process.stderr.readline():
            pass
        session = user.submit("diagnostic")
        out, _ = process.communicate(timeout=20)
    assert process.returncode == Exit.DONE
    assert json.loads(out)["sessionId"] == session
    assert user.run("end", session) == Exit.DONE


# --- submit -------------------------------------------------------------------------------------------------


def test_json_lines_are_handed_in_one_by_one(user: User) -> None:
    user.be_desk()
    file = user.folder / "many.jsonl"
    good = {"type": "chat", "name": "Many", "concern": "rattle", "email": "one@example.com"}
    texts = [good, good, good | {"type": "blimp", "email": None}, good | {"email": "two@example.com"}]
    file.write_text("\n".join(json.dumps(text) for text in texts) + "\n\n")
    assert user.run("submit", str(file)) == Exit.REFUSED
    assert [json.loads(line)["status"] for line in user.out.splitlines()] == ["pending", "pending"]
    assert "line 2: " in user.err  # the same customer has an open session
    assert "line 3: type: " in user.err


def test_one_object_over_many_lines_may_come_from_a_pipe(user: User) -> None:
    user.be_desk()
    text = json.dumps({"type": "chat", "name": "Pipe", "concern": "squeal"}, indent=2)
    command = [sys.executable, "-m", "mechtui", "submit", "-"]
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["customer_name"] == "Pipe"


@pytest.mark.parametrize("text", ["", "{", "[]", "5\n{}", '{"type": "chat"}\nnonsense'])
def test_a_file_that_is_no_json_is_wrong_use(user: User, text: str) -> None:
    user.be_desk()
    file = user.folder / "request.json"
    file.write_text(text)
    assert user.run("submit", str(file)) == Exit.WRONG_USE
    assert user.out == ""


# --- exit codes ---------------------------------------------------------------------------------------------


def test_wrong_use_exits_2(user: User) -> None:
    user.be_mechanic()
    assert user.run("list", "nothing") == Exit.WRONG_USE
    assert user.run("list", "incoming", "--colour") == Exit.WRONG_USE
    assert user.run("accept") == Exit.WRONG_USE
    assert user.run("accept", "a", "b") == Exit.WRONG_USE
    assert user.run("list", "incoming", "--limit", "0") == Exit.WRONG_USE
    assert user.run("demo", "--speed", "0") == Exit.WRONG_USE
    assert user.run("submit", str(user.folder / "nowhere.json")) == Exit.WRONG_USE
    assert user.run("--server", "localhost", "list", "incoming") == Exit.WRONG_USE
    assert "http://127.0.0.1:8420" in user.err
    assert user.run("mechanic", "list", "--database", "mysql://a/b") == Exit.WRONG_USE
    assert user.run() == Exit.WRONG_USE
    assert "needs a terminal" in user.err


def test_no_backend_exits_3(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mechtui.api_calls.WRITE_SECONDS", 0.1)
    user.be_mechanic()
    assert user.run("list", "incoming", "--server", "http://127.0.0.1:9") == Exit.NOT_REACHED
    assert "connection refused" in user.err
    assert user.run("--server", "http://127.0.0.1:9", "accept", "x") == Exit.NOT_REACHED
    assert "No backend reached" in user.err


def test_an_unknown_outcome_exits_3_and_is_settled_by_the_next_command(
    user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    user.be_mechanic("Uma")
    session = user.submit()
    with monkeypatch.context() as patch:
        patch.setattr("mechtui.api_calls.WRITE_SECONDS", 0.1)
        patch.setattr("mechtui.api_calls.tells_nothing", lambda response: _lost())
        assert user.run("accept", session) == Exit.NOT_REACHED
    assert "not known" in user.err
    journal = user.folder / "xdg_state_home" / "mechtui" / "journal.jsonl"
    (key,) = [line["key"] for line in lines(journal)]
    assert user.run("join", session) == Exit.DONE
    assert f"An earlier accept of {session}: done" in user.err
    assert key in {line["key"] for line in lines(journal)}
    assert Journal(journal).unsettled() == []
    assert user.run("end", session) == Exit.DONE


def _lost() -> object:
    from mechtui.api_answers import NoAnswer

    return NoAnswer("the line was cut", may_have_happened=True)


def test_signed_out_exits_4_and_says_how_to_make_a_token(user: User) -> None:
    user.be("")
    assert user.run("list", "incoming") == Exit.SIGNED_OUT
    assert "mechtui mechanic add" in user.err
    user.be("mtm_unknown")
    assert user.run("next") == Exit.SIGNED_OUT
    assert "mechtui mechanic add" in user.err
    assert "MECHTUI_TOKEN" in user.err
    assert user.run("watch") == Exit.SIGNED_OUT
    user.be_desk()
    assert user.run("list", "incoming") == Exit.SIGNED_OUT
    assert "wrong kind" in user.err


def test_a_token_file_is_read_and_warned_of(user: User) -> None:
    file = user.folder / "token"
    file.write_text(accounts.add_mechanic(user.shop.database, "File").token)
    file.chmod(0o644)
    user.be("mtm_unknown")
    assert user.run("list", "active", "--token-file", str(file)) == Exit.DONE
    assert "chmod 600" in user.err


# --- watch --------------------------------------------------------------------------------------------------


def test_watch_prints_a_snapshot_then_one_event_a_line(user: User) -> None:
    user.be_mechanic("Wes")
    with user.start("watch") as process:
        assert process.stdout is not None
        snapshot = json.loads(process.stdout.readline())
        assert set(snapshot) == {"kind", "seq", "sessions"}
        assert snapshot["kind"] == "snapshot"
        session = user.submit(name="Wätched")
        line = process.stdout.readline()
        assert line.isascii()
        event = json.loads(line)
        assert set(event) == {"seq", "kind", "at", "session"}
        assert (event["seq"], event["kind"]) == (snapshot["seq"] + 1, "created")
        assert event["session"]["id"] == session
        assert re.fullmatch(r"....-..-..T..:..:..\....Z", event["at"])
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
    assert process.returncode == Exit.DONE
    assert out == ""
    assert "mechtui: live" in err
    assert "Traceback" not in err


def test_watch_ends_quietly_when_nobody_reads_it(user: User) -> None:
    user.be_mechanic("Pip")
    with user.start("watch") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        user.submit()
        assert process.wait(timeout=20) == Exit.DONE
        assert [line for line in process.stderr if "mechtui: " not in line] == []


# --- accounts and the database ------------------------------------------------------------------------------


def test_accounts_are_made_listed_and_revoked(user: User, tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path}/accounts.db"
    assert user.run("mechanic", "list", "--database", database) == Exit.DONE
    assert "mechtui mechanic add" in user.out
    assert user.run("mechanic", "add", "Dana", "--types", "chat, video", "--json", "--database", database) == Exit.DONE
    dana = user.json()
    assert set(dana) == {"id", "name", "token"}
    assert user.run("mechanic", "list", "--json", "--database", database) == Exit.DONE
    assert user.json()["types"] == ["chat", "video"]
    assert user.run("mechanic", "revoke", dana["id"], "--database", database) == Exit.DONE
    assert user.run("mechanic", "list", "--database", database) == Exit.DONE
    assert "revoked" in user.out
    assert dana["token"] not in user.out
    assert user.run("desk", "add", "Web", "--database", database) == Exit.DONE
    assert re.search(r"token +mtd_\S{20}", user.out)
    assert user.run("mechanic", "revoke", "nobody", "--database", database) == Exit.REFUSED
    assert user.run("mechanic", "add", "Ed", "--types", "blimp", "--database", database) == Exit.REFUSED


def test_the_database_is_copied_and_put_back(user: User, tmp_path: Path) -> None:
    database, copy = f"sqlite:///{tmp_path}/kept.db", str(tmp_path / "copy.db")
    assert user.run("db", "upgrade", "--database", database) == Exit.DONE
    assert user.run("mechanic", "add", "Before", "--database", database) == Exit.DONE
    assert user.run("db", "backup", copy, "--database", database) == Exit.DONE
    assert user.run("db", "backup", copy, "--database", database) == Exit.REFUSED
    assert user.run("mechanic", "add", "After", "--database", database) == Exit.DONE
    assert user.run("db", "restore", copy, "--database", database) == Exit.DONE
    assert user.run("mechanic", "list", "--database", database) == Exit.DONE
    assert "Before" in user.out
    assert "After" not in user.out


# --- the first moment ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["list", "--help"], ["serve", "--help"]])
def test_help_and_version_import_nothing_heavy(arguments: list[str]) -> None:
    code = (
        "import sys, mechtui.__main__\n"
        "sys.argv[1:] = " + repr(arguments) + "\n"
        "try:\n    mechtui.__main__.main()\n"
        "except SystemExit as end:\n    assert end.code == 0\n"
        "print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.startswith(("mechtui ", "usage: mechtui"))
    assert {name.partition(".")[0] for name in done.stderr.split()} & HEAVY == set()


def test_every_command_of_the_help_has_its_own_help(user: User) -> None:
    assert user.run("--help") == Exit.DONE
    commands = re.findall(r"^    (\w+) {2,}", user.out, re.MULTILINE)
    assert {"demo", "serve", "mechanic", "desk", "submit", "list", "show", "next", "watch", "db"} <= set(commands)
    for command in commands:
        assert user.run(command, "--help") == Exit.DONE
