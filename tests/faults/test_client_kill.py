"""A terminal is killed in the middle of an accept: started again it knows what became of it, and has the session."""

import asyncio
import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from mechtui.journal import Journal
from mechtui.server import accounts
from mechtui.server.db.sqlite.connection import open_reader
from tests.client.support import lines
from tests.faults import LARGE
from tests.faults.dying import MOMENTS
from tests.faults.process import BackendProcess, submit
from tests.faults.tally import Tally
from tests.server.support import database_url

WAYS = {"accept": ("accept", "{}"), "next": ("next",), "dashboard": ("dashboard", "{}", "a")}
"""How a mechanic takes a request, in the words of `tests.faults.dying`; `{}` is its id."""
AGAIN = {"accept": ("accept", "{}"), "next": ("join", "{}"), "dashboard": ("dashboard", "{}")}
"""What he does after that."""
LATEST_MILLISECONDS = 12.0
"""By then a write is mostly answered and noted."""


def at_random(count: int) -> list[str]:
    """Moments around the answer, in milliseconds after the write was sent."""
    chance = random.Random(1)
    return [f"{chance.uniform(0, LATEST_MILLISECONDS):.2f}" for _ in range(count)]


CASES = (
    [(way, moment) for way in WAYS for moment in (*MOMENTS, *at_random(15))]
    if LARGE
    else [*(("accept", moment) for moment in MOMENTS), ("next", "sent"), ("dashboard", "noted"), ("dashboard", "sent")]
)


@pytest.fixture(scope="module")
def backend(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BackendProcess]:
    with BackendProcess(database_url(tmp_path_factory.mktemp("shop") / "shop.db"), 0) as running:
        asyncio.run(running.start())
        yield running


@dataclass
class Terminal:
    """A mechanic's account on a machine: his files there, and the one request he wants."""

    backend: BackendProcess
    home: Path
    token: str
    me: str
    session: str

    def run(self, moment: str, bug: str, words: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
        """A process at his terminal, which may die."""
        command = [sys.executable, "-m", "tests.faults.dying", moment, bug]
        folders = {name: str(self.home) for name in ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME")}
        environ = os.environ | folders | {"MECHTUI_SERVER": self.backend.url, "MECHTUI_TOKEN": self.token}
        words = tuple(word.format(self.session) for word in words)
        return subprocess.run([*command, *words], capture_output=True, text=True, env=environ, timeout=120)

    @property
    def journal(self) -> Path:
        return self.home / "mechtui" / "journal.jsonl"

    def noted(self) -> set[str]:
        """The keys that are in the journal."""
        return {str(line["key"]) for line in lines(self.journal)} if self.journal.exists() else set()

    def asked(self) -> set[str]:
        """The keys under which the backend was asked for something."""
        return {str(key) for (key,) in self._read("SELECT key FROM idempotency WHERE principal LIKE ?", f"%{self.me}")}

    def wins(self) -> list[tuple[object, ...]]:
        """Who has accepted the request."""
        return self._read("SELECT mechanic_id FROM events WHERE session_id = ? AND kind = 'accepted'", self.session)

    def _read(self, sql: str, value: str) -> list[tuple[object, ...]]:
        reader = open_reader(self.backend.path)
        try:
            return list(reader.execute(sql, (value,)))
        finally:
            reader.close()


@pytest.fixture
async def terminal(backend: BackendProcess, tmp_path: Path) -> Terminal:
    """The request of this test is the most urgent one there is: those of others are taken."""
    account = accounts.add_mechanic(backend.database, "Ann")
    async with httpx.AsyncClient(base_url=backend.url, trust_env=False) as http:
        session = await submit(http, backend.desk.token, "Jo")
    return Terminal(backend, tmp_path, account.token, account.id, session)


@pytest.mark.parametrize(("way", "moment"), CASES)
def test_a_terminal_that_was_killed_knows_what_became_of_its_wish(
    terminal: Terminal, way: str, moment: str, tally: Tally
) -> None:
    died = terminal.run(moment, "none", WAYS[way])
    is_named = moment in MOMENTS
    assert died.returncode == -signal.SIGKILL or not is_named, died.stderr
    noted = terminal.noted()
    assert terminal.asked() <= noted, "something was asked that this terminal knows nothing of"
    again = terminal.run("never", "none", AGAIN[way] if noted else WAYS[way])
    assert again.returncode == 0, again.stderr
    assert f"/chat/{terminal.session[:8]}" in again.stdout, "the rest may stand on the next line"
    assert noted <= terminal.asked(), "it was not settled under its own key"
    assert terminal.wins() == [(terminal.me,)]
    assert Journal(terminal.journal).unsettled() == []
    tally.add("kill -9 of the terminal", kills=died.returncode == -signal.SIGKILL, settled=len(noted))


@pytest.mark.planted
def test_a_journal_written_after_sending_is_caught(terminal: Terminal) -> None:
    died = terminal.run("answered", "journal-after-sending", WAYS["accept"])
    assert died.returncode == -signal.SIGKILL, died.stderr
    assert not terminal.asked() <= terminal.noted()
