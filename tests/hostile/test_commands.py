"""The plain command line in a real pty, and its JSON: what it prints of hostile sessions does nothing either."""

import asyncio
import json
import os
import sys
from pathlib import Path

import pytest

from tests.hostile.corpus import MARKERS
from tests.hostile.judge import Allowed, findings, markers_shown, text_of
from tests.hostile.shop import HostileShop, Seeded
from tests.hostile.terminal import ROOT, terminal
from tests.server.support import database_url

ALLOWED = Allowed(frozenset({"\r\n"}))
UNSAFE = "tests.hostile.unsafe_dashboard"
NOTE = "\x1b]0;zq204x\x07\u202e\x9b2J"
REASON = "\x1b[8mzq205x\u202e\x9b2J"
LISTS = ("incoming", "completed", "history")


def environ_of(hostile: HostileShop, tmp_path: Path, token: str = "") -> dict[str, str]:
    return {"MECHTUI_TOKEN": token or hostile.me.token, "MECHTUI_SERVER": hostile.shop.url, "HOME": str(tmp_path)}


async def printed(
    hostile: HostileShop, tmp_path: Path, *arguments: str, module: str = "mechtui", token: str = "", code: int = 0
) -> bytes:
    """All that a command writes to its terminal."""
    environ = environ_of(hostile, tmp_path, token)
    async with terminal(module, arguments, environ, (200, 50)) as screen:
        assert await screen.end() == code, screen.written
        return screen.written


async def json_lines(hostile: HostileShop, tmp_path: Path, *arguments: str) -> list[str]:
    """What a command prints into a pipe."""
    command = [sys.executable, "-m", "mechtui", *arguments, "--json"]
    environ = os.environ | environ_of(hostile, tmp_path)
    process = await asyncio.create_subprocess_exec(*command, env=environ, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
    out, _ = await process.communicate()
    assert process.returncode == 0
    return out.decode().split("\n")[:-1]


@pytest.mark.parametrize("which", LISTS)
async def test_a_list_does_nothing(seeded: Seeded, tmp_path: Path, which: str) -> None:
    async with seeded.opened(tmp_path / "shop.db") as hostile:
        said = await printed(hostile, tmp_path, "list", which, "--limit", "100")
    assert findings(said, ALLOWED) == []
    assert len(markers_shown(said)) > 10


async def test_a_session_shown_in_full_and_taken_does_nothing(seeded: Seeded, tmp_path: Path) -> None:
    async with seeded.opened(tmp_path / "shop.db") as hostile:
        shown = await printed(hostile, tmp_path, "show", hostile.worst)
        taken = await printed(hostile, tmp_path, "accept", hostile.worst, token=hostile.rival.token)
        too_late = await printed(hostile, tmp_path, "accept", hostile.worst, code=1)
        held = await printed(hostile, tmp_path, "list", "active", token=hostile.rival.token)
    for said in (shown, taken, too_late, held):
        assert findings(said, ALLOWED) == []
    assert markers_shown(shown) >= MARKERS
    assert "[IMPORTANT]zq" in text_of(shown)
    assert "zq201x" in text_of(too_late), "the rival's name is said"


async def test_a_session_that_changes_hands_does_nothing(seeded: Seeded, tmp_path: Path) -> None:
    """The note of an offer and the reason it is declined for, as the one who reads them sees them."""
    async with seeded.opened(tmp_path / "shop.db") as hostile:
        session_id = await hostile.offered_to_me(NOTE)
        offered = await printed(hostile, tmp_path, "show", session_id)
        (line,) = await json_lines(hostile, tmp_path, "show", session_id)
        await hostile.does(hostile.me, session_id, "decline", reason=REASON)
        declined = await printed(hostile, tmp_path, "show", session_id, token=hostile.rival.token)
    assert findings(offered, ALLOWED) == findings(declined, ALLOWED) == []
    assert "zq204x" in text_of(offered)
    assert "zq205x" in text_of(declined)
    assert line.isascii()
    assert json.loads(line)["session"]["offer_note"] == NOTE


async def test_figures_do_nothing(seeded: Seeded, tmp_path: Path) -> None:
    """The names of plans are in them."""
    async with seeded.opened(tmp_path / "shop.db") as hostile:
        said = await printed(hostile, tmp_path, "stats")
        unsafe = await printed(hostile, tmp_path, "stats", module=UNSAFE)
    assert findings(said, ALLOWED) == []
    assert markers_shown(said)
    assert findings(unsafe, ALLOWED) != []


async def test_a_mechanics_own_name_does_nothing(seeded: Seeded, tmp_path: Path) -> None:
    async with seeded.opened(tmp_path / "shop.db") as hostile:
        said = await printed(hostile, tmp_path, "mechanic", "list", "--database", database_url(tmp_path / "shop.db"))
    assert findings(said, ALLOWED) == []
    assert "zq200x" in text_of(said)


async def test_what_a_hostile_address_says_does_nothing(seeded: Seeded, tmp_path: Path) -> None:
    """Words of the mechanic's own settings come back in errors, too."""
    async with seeded.opened(tmp_path / "shop.db") as hostile:
        said = await printed(hostile, tmp_path, "--server", "http://\x1b]0;zq100x\x07\u202e", "watch", code=2)
        unknown = await printed(hostile, tmp_path, "show", "\x1b]0;zq100x\x07\u202e", code=1)
    assert findings(said, ALLOWED) == findings(unknown, ALLOWED) == []


@pytest.mark.parametrize("words", [("show", "a", NOTE), (f"--{NOTE}",)], ids=["too much", "an option"])
async def test_what_was_not_understood_does_nothing(seeded: Seeded, tmp_path: Path, words: tuple[str, ...]) -> None:
    async with seeded.opened(tmp_path / "shop.db") as hostile:
        said = await printed(hostile, tmp_path, *words, code=2)
        unsafe = await printed(hostile, tmp_path, *words, module=UNSAFE, code=2)
    assert findings(said, ALLOWED) == []
    assert "zq204x" in text_of(said)
    assert findings(unsafe, ALLOWED) != []


@pytest.mark.parametrize("arguments", [("list", "incoming"), ("list", "history"), ("show",)], ids=" ".join)
async def test_without_the_sanitiser_each_leaks(seeded: Seeded, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    async with seeded.opened(tmp_path / "shop.db") as hostile:
        more = (hostile.worst,) if arguments == ("show",) else ()
        said = await printed(hostile, tmp_path, *arguments, *more, module=UNSAFE)
    assert len(findings(said, ALLOWED)) > 10


async def test_json_is_ascii_and_exactly_what_was_submitted(seeded: Seeded, tmp_path: Path) -> None:
    async with seeded.opened(tmp_path / "shop.db") as hostile:
        rows = await json_lines(hostile, tmp_path, "list", "incoming", "--limit", "100")
        (shown,) = await json_lines(hostile, tmp_path, "show", hostile.worst)
        assert json.loads(shown)["session"]["vehicle"]["vin"] == hostile.vin
    assert len(rows) > 70
    for line in (*rows, shown):
        assert line.isascii()
        assert line.isprintable()
