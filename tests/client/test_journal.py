import os
import stat
import threading
from multiprocessing import get_context
from pathlib import Path

import pytest

from mechtui.journal import Entry, Journal, JournalError, identity
from tests.client.support import lines


def entry(key: str, body: str = "{}") -> Entry:
    return Entry(key, "POST", "/api/mechanic/accept", body, "http://backend.test", identity("token"), 1.0)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "journal.jsonl"


def test_what_was_begun_and_not_settled_is_found_by_another_process(path: Path) -> None:
    journal = Journal(path)
    for key in ("a", "b", "c"):
        journal.begin(entry(key, body='{"reason":"née\\n"}'))
    journal.settle("b", "done")
    assert Journal(path).unsettled() == [entry("a", '{"reason":"née\\n"}'), entry("c", '{"reason":"née\\n"}')]


def test_an_entry_is_synced_before_begin_returns(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[bytes] = []

    def fsync(file: int) -> None:
        if stat.S_ISREG(os.fstat(file).st_mode):
            synced.append(path.read_bytes())

    monkeypatch.setattr(os, "fsync", fsync)
    Journal(path).begin(entry("a"))
    assert len(synced) == 1
    assert b'"key": "a"' in synced[0]


def test_only_the_owner_may_read_it(path: Path) -> None:
    Journal(path).begin(entry("a"))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    Journal(path).settle("a", "done")
    Journal(path).unsettled()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_settled_are_dropped_from_the_file(path: Path) -> None:
    journal = Journal(path)
    journal.begin(entry("a", body="the customer's address"))
    journal.begin(entry("b"))
    journal.settle("a", "done")
    assert [found.key for found in journal.unsettled()] == ["b"]
    assert [line["key"] for line in lines(path)] == ["b"]
    assert "address" not in path.read_text()


@pytest.mark.parametrize("cut", range(2, 60, 7))
def test_a_torn_last_line_loses_only_itself(path: Path, cut: int) -> None:
    journal = Journal(path)
    journal.begin(entry("a"))
    whole = path.read_bytes()
    path.write_bytes(whole + whole.replace(b'"a"', b'"torn"')[:-cut])
    journal.begin(entry("b"))
    assert [found.key for found in journal.unsettled()] == ["a", "b"]


def test_lines_that_are_no_records_are_passed_over(path: Path) -> None:
    journal = Journal(path)
    journal.begin(entry("a"))
    with path.open("a") as file:
        file.write('[]\nnull\n{"key": 5}\n{"key": "x", "colour": "red"}\n\x00\x00\n')
    assert [found.key for found in journal.unsettled()] == ["a"]


def test_a_journal_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(JournalError, match="cannot be used"):
        Journal(tmp_path / "file" / "journal.jsonl").begin(entry("a"))


def _write_many(path: Path, name: str) -> None:
    journal = Journal(path)
    for number in range(20):
        journal.begin(entry(f"{name}-{number}"))
        if number % 2:
            journal.settle(f"{name}-{number}", "done")
            journal.unsettled()


def test_processes_and_threads_writing_and_compacting_at_once_lose_nothing(path: Path) -> None:
    context = get_context("spawn")
    processes = [context.Process(target=_write_many, args=(path, f"p{n}")) for n in range(2)]
    threads = [threading.Thread(target=_write_many, args=(path, f"t{n}")) for n in range(2)]
    for process, thread in zip(processes, threads, strict=True):
        process.start()
        thread.start()
    for process, thread in zip(processes, threads, strict=True):
        process.join()
        thread.join()
    assert [process.exitcode for process in processes] == [0, 0]
    kept = {found.key for found in Journal(path).unsettled()}
    assert kept == {f"{name}-{number}" for name in ("p0", "p1", "t0", "t1") for number in range(0, 20, 2)}
