"""Drafts on disk."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from mechtui.drafts import Draft, Drafts

SOME = Draft(findings="strap corroded\n\x1b[31m", next_steps="地線を交換")


def test_a_draft_comes_back_as_it_was_and_for_its_writer_only(tmp_path: Path) -> None:
    drafts = Drafts(tmp_path / "drafts", "shop ann")
    drafts.save("s/../1", SOME)
    assert Drafts(tmp_path / "drafts", "shop ann").load("s/../1") == SOME
    assert drafts.ids() == {"s/../1"}
    other = Drafts(tmp_path / "drafts", "shop bob")
    assert (other.ids(), other.load("s/../1")) == (frozenset(), Draft())


def test_nobody_else_may_read_it(tmp_path: Path) -> None:
    Drafts(tmp_path / "drafts", "a").save("s", SOME)
    (file,) = (tmp_path / "drafts").iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700


def test_an_empty_draft_is_none(tmp_path: Path) -> None:
    drafts = Drafts(tmp_path, "a")
    drafts.save("s", SOME)
    drafts.save("s", Draft(findings=" \n"))
    assert (drafts.ids(), list(tmp_path.iterdir())) == (frozenset(), [])
    drafts.remove("never there")


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b'{"session": 4}', b"\xff\xfe"])
def test_a_file_that_is_no_draft_is_passed_over(tmp_path: Path, content: bytes) -> None:
    drafts = Drafts(tmp_path, "a")
    drafts.save("s", SOME)
    (file,) = tmp_path.iterdir()
    file.write_bytes(content)
    assert (drafts.ids(), drafts.load("s")) == (frozenset(), Draft())


def test_what_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "drafts").write_text("a file where the folder would be")
    with pytest.raises(OSError, match="drafts"):
        Drafts(tmp_path / "drafts", "a").save("s", SOME)


KEEPS_SAVING = """
import sys
from pathlib import Path
from mechtui.drafts import Draft, Drafts
drafts = Drafts(Path(sys.argv[1]), "a")
for n in range(1_000_000):
    drafts.save("s", Draft(findings="x" * (n % 5000), next_steps=str(n)))
    if n == 20:
        print("going", flush=True)
"""


def test_a_killed_terminal_leaves_a_whole_draft(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", KEEPS_SAVING, str(tmp_path)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        os.kill(process.pid, signal.SIGKILL)
    draft = Drafts(tmp_path, "a").load("s")
    assert int(draft.next_steps) >= 20
    assert len(draft.findings) == int(draft.next_steps) % 5000
    json.loads(next(tmp_path.glob("*.json")).read_bytes())
