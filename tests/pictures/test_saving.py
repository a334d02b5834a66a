"""Files saved under names from outside: where they may go, what they may be called, and that nothing is lost by it."""

import base64
import stat
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mechtui.api_client import MechanicClient, NotFound
from mechtui.api_errors import Unreachable
from mechtui.receiving import SavingError, file_name, receiving
from tests.dashboard.support import OPEN, SERVER
from tests.dashboard.support import Shop as Screen
from tests.server.live import Shop


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("dash.jpg", "dash.jpg"),
        ("engine bay (2).JPG", "engine bay (2).JPG"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\x\\a.png", "a.png"),
        ("/", "unnamed"),
        ("..", "unnamed"),
        ("", "unnamed"),
        (".bashrc", "bashrc"),
        ("a\x00b\x1b[31m.jpg", "a b [31m.jpg"),
        ("évil\u202egpj.exe", "évil gpj.exe"),
        ("a\nb.jpg", "a b.jpg"),
        ("陳.jpg", "陳.jpg"),
        ("x" * 300 + ".jpeg", "x" * 150 + ".jpeg"),
    ],
)
def test_name(name: str, safe: str) -> None:
    assert file_name(name) == safe


@given(st.text(max_size=400))
def test_a_name_is_one_name(name: str) -> None:
    safe = file_name(name)
    assert safe
    assert not {"/", "\\", "\0"} & set(safe)
    assert not safe.startswith(".")
    assert len(safe.encode()) <= 200
    assert safe.isprintable()


def save(folder: Path, name: str, content: bytes) -> Path:
    with receiving(folder, name) as saved:
        saved.part.write(content)
    return saved.path


def left(folder: Path) -> list[Path]:
    return list(folder.iterdir())


def test_nothing_is_written_over(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    paths = [save(folder, "../dash.jpg", str(n).encode()) for n in range(3)] + [save(folder, "dash", b"d")]
    assert [path.name for path in paths] == ["dash.jpg", "dash (2).jpg", "dash (3).jpg", "dash"]
    assert [path.read_bytes() for path in paths] == [b"0", b"1", b"2", b"d"]
    assert {path.parent for path in paths} == {folder}
    assert {stat.S_IMODE(path.stat().st_mode) for path in paths} == {0o600}


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "target").write_bytes(b"precious")
    (tmp_path / "dash.jpg").symlink_to(tmp_path / "target")
    (tmp_path / "gone.jpg").symlink_to(tmp_path / "nowhere")
    assert save(tmp_path, "dash.jpg", b"x").name == "dash (2).jpg"
    assert save(tmp_path, "gone.jpg", b"x").name == "gone (2).jpg"
    assert (tmp_path / "target").read_bytes() == b"precious"


def test_nothing_is_left_of_what_failed(tmp_path: Path) -> None:
    with pytest.raises(TypeError), receiving(tmp_path, "a.jpg") as saved:
        saved.part.write("half")  # type: ignore[call-overload]
    with pytest.raises(SavingError, match="cannot be written: No space"), receiving(tmp_path, "a.jpg"):
        raise OSError(28, "No space left on device")
    assert left(tmp_path) == []


def test_where_nothing_can_be_saved_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SavingError, match="cannot be written to"), receiving(tmp_path / "file", "a.jpg"):
        pass


async def test_download_tells_how_far_it_is(shop: Shop) -> None:
    content = bytes(range(256)) * 2000
    data = base64.b64encode(content).decode()
    session_id = await shop.submit(files=[{"name": "a.bin", "mime": None, "data": data}])
    async with MechanicClient(shop.url, shop.ann.token) as client:
        file = (await client.intake(session_id)).files[0]
        to, told = BytesIO(), [0]
        await client.download(session_id, file.id, to, told.append)
        assert to.getvalue() == content
        assert told == sorted(told)
        assert told[-1] == len(content)
        with pytest.raises(NotFound):
            await client.download(session_id, "nowhere", to, told.append)
    async with MechanicClient("http://127.0.0.1:9", shop.ann.token) as client:
        with pytest.raises(Unreachable):
            await client.download(session_id, file.id, to, told.append)


async def test_saved_from_the_screen(tmp_path: Path) -> None:
    shop = Screen(*OPEN, downloads=tmp_path)
    async with shop.app.run_test(size=(80, 24), notifications=True) as pilot:
        await shop.ready(pilot)
        await pilot.press("t")
        await shop.until(pilot, lambda: "engine bay.jpg" in shop.screen_text)
        await pilot.press("down", "enter")
        await shop.until(pilot, lambda: "photo         saved" in shop.screen_text)
        assert (tmp_path / "engine bay.jpg").read_bytes() == b"half whole"
        assert any("engine bay.jpg" in toast for toast in shop.toasts)


async def test_what_was_not_saved_is_said_to_be(tmp_path: Path) -> None:
    shop = Screen(*OPEN, downloads=tmp_path)
    shop.client.answers["download"] = Unreachable(SERVER, "the line was cut")
    async with shop.app.run_test(size=(80, 24), notifications=True) as pilot:
        await shop.ready(pilot)
        await pilot.press("t")
        await shop.until(pilot, lambda: "dash.jpg" in shop.screen_text)
        await pilot.press("d")
        await shop.until(pilot, lambda: "NOT SAVED" in shop.screen_text)
    assert left(tmp_path) == []


@pytest.mark.parametrize("shown", [True, False])
async def test_photos_where_there_are_colours_and_words_where_there_are_none(shown: bool) -> None:
    shop = Screen(*OPEN)
    shop.app.desk.photos.shown = shown
    async with shop.app.run_test(size=(80, 24)) as pilot:
        await shop.ready(pilot)
        await pilot.press("t")
        await shop.until(pilot, lambda: "dash.jpg" in shop.screen_text)
        await shop.until(pilot, lambda: ("▀" in shop.screen_text) is shown)
        assert ("too few colours" in shop.screen_text) is not shown
        await pilot.press("space")
        await shop.until(pilot, lambda: ("1 of 2   dash.jpg" in shop.screen_text) is shown)
