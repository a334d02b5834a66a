"""The process that decodes pictures: held to its limits whatever a picture makes of it, and soon there again."""

import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from mechtui.models import FILE_BYTES_LIMIT
from mechtui.server import decoder
from mechtui.server.thumbs import Decoder, Thumb
from tests.pictures.bombs import BOMBS, PHOTO

DEEDS = ("run on", "fill the memory", "read a file", "write a file", "open a line", "talk too much", "lie",
         "answer and crash")  # fmt: skip
ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 60.0


class Broken(Decoder):
    """One that somebody has got into."""

    MODULE = "tests.pictures.broken_decoder"


@pytest.fixture(scope="module")
def decodes() -> Iterator[Decoder]:
    opened = Decoder()
    yield opened
    opened.close()


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_does_no_harm_and_the_next_photo_is_there(decodes: Decoder, bomb: str) -> None:
    assert len(BOMBS[bomb]) <= FILE_BYTES_LIMIT
    made = decodes.thumb(BOMBS[bomb])
    assert made is None or len(made.rgb) == made.width * made.height * 3
    assert decodes.thumb(PHOTO) is not None


def test_all_of_them_together_take_no_more_memory_than_one_may() -> None:
    code = (
        "import resource; from mechtui.server.thumbs import Decoder; from tests.pictures.bombs import BOMBS, PHOTO\n"
        "decoder = Decoder()\n"
        "for content in (*BOMBS.values(), PHOTO): made = decoder.thumb(content)\n"
        "assert made; line = decoder._line; process = decoder._process; line.close(); process.wait()\n"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    told = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert int(told.stdout) * 1024 < decoder.MEMORY_BYTES


@pytest.mark.parametrize("deed", DEEDS)
def test_who_gets_into_it_achieves_nothing(deed: str) -> None:
    broken = Broken()
    try:
        assert broken.thumb(f"deed:{deed}".encode()) is None
        assert broken.thumb(b"deed:nothing of the kind") == Thumb(1, 1, b"got"), "the next file finds it well again"
    finally:
        broken.close()


def test_it_knows_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MECHTUI_DATABASE", "postgresql://shop:zqsecret@db/shop")
    monkeypatch.setenv("PGPASSWORD", "zqsecret")
    opened = Decoder()
    try:
        assert opened.thumb(PHOTO) is not None
        assert b"zqsecret" not in Path(f"/proc/{opened.pid}/environ").read_bytes()
    finally:
        opened.close()


def test_one_that_was_killed_is_begun_again(decodes: Decoder) -> None:
    assert decodes.thumb(PHOTO) is not None
    os.kill(decodes.pid, signal.SIGKILL)
    assert [decodes.thumb(PHOTO) is not None for _ in range(2)] == [False, True]


@pytest.mark.parametrize("busy", [False, True], ids=["idle", "busy"])
def test_it_is_gone_when_the_backend_is(busy: bool) -> None:
    """Killed, so that nobody could tell it: an idle one sees the end of its line, a busy one comes to its limit."""
    code = (
        "import sys; from mechtui.server.thumbs import Decoder\n"
        "Decoder.MODULE = 'tests.pictures.broken_decoder'\n"
        "broken = Decoder(); broken.thumb(b'deed:nothing'); print(broken.pid, flush=True)\n"
        f"broken.thumb(b'deed:run on') if {busy} else sys.stdin.read()"
    )
    backend = subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with backend:
        assert backend.stdout is not None
        pid = int(backend.stdout.readline())
        watched = os.pidfd_open(pid)
        backend.kill()
    with os.fdopen(watched):
        assert _ended(watched)


def _ended(watched: int) -> bool:
    return bool(select.select([watched], [], [], PATIENCE_SECONDS)[0])
