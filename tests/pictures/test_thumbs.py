"""Small pictures made on upload: of photos, and of nothing that is large, broken or no photo."""

import base64

import pytest
from PIL import Image

from mechtui.models import FileUpload
from mechtui.pictures import decode
from mechtui.server import thumbs
from mechtui.server.thumbs import HIGHEST, WIDEST, Thumb, make_thumb, thumbs_of
from tests.pictures.bombs import PHOTO, file_of, png
from tests.server.live import Shop


def plain(width: int, height: int, colour: tuple[int, int, int] = (200, 30, 30)) -> Image.Image:
    return Image.new("RGB", (width, height), colour)


def upload(content: bytes, name: str = "a.jpg") -> FileUpload:
    return FileUpload(name=name, mime="image/jpeg", data=base64.b64encode(content).decode())


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_a_photo_becomes_small(kind: str) -> None:
    thumb = make_thumb(file_of(plain(640, 400), kind))
    assert thumb is not None
    assert (thumb.width, thumb.height) == (120, 75)
    assert max(abs(have - want) for have, want in zip(thumb.rgb[:3], (200, 30, 30), strict=True)) < 8


def test_a_small_one_stays_as_it_is() -> None:
    thumb = make_thumb(file_of(plain(3, 2), "PNG"))
    assert thumb == Thumb(3, 2, bytes((200, 30, 30)) * 6)


def test_a_photo_held_upright_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    thumb = make_thumb(file_of(plain(640, 400), exif=exif))
    assert thumb is not None
    assert thumb.height == HIGHEST
    assert thumb.width < WIDEST / 2


def test_what_is_seen_through_is_black() -> None:
    thumb = make_thumb(file_of(Image.new("RGBA", (4, 4), (255, 255, 255, 0)), "PNG"))
    assert thumb == Thumb(4, 4, bytes(48))


BOMB = png(60_000, 60_000)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not a picture",
        b"\xff\xd8\xff",
        PHOTO[:400],
        b"\x89PNG\r\n\x1a\n" + bytes(40),
        b"GIF89a" + bytes(8),
        png(5_000, 5_000),
        BOMB,
        file_of(plain(8, 8), "BMP"),
        file_of(plain(8, 8), "TIFF"),
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
    ],
)
def test_no_picture_of_anything_else(content: bytes) -> None:
    assert make_thumb(content) is None


def test_one_for_each_file_in_order() -> None:
    broken = FileUpload(name="x", data="***")
    made = thumbs_of([upload(b"text"), upload(PHOTO), broken, upload(PHOTO[:400])])
    assert [thumb is not None for thumb in made] == [False, True, False, False]


def test_what_is_no_picture_is_not_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(thumbs, "make_thumb", lambda _: pytest.fail("it was"))
    assert thumbs_of([upload(bytes(1_000_000))]) == [None]


async def test_from_submit_to_thumb(shop: Shop) -> None:
    files = [
        {"name": name, "mime": "image/jpeg", "data": base64.b64encode(content).decode()}
        for name, content in (
            ("dash.jpg", PHOTO),
            ("bomb.png", png(60_000, 60_000)),
            ("noise.mp4", b"\x00\x00\x00 ftyp"),
        )
    ]
    session_id = await shop.submit(files=files)
    listed = (await shop.get(f"/api/sessions/{session_id}/intake")).json()["files"]
    assert [(file["name"], file["picture"]) for file in listed] == [
        ("dash.jpg", True), ("bomb.png", False), ("noise.mp4", False)]  # fmt: skip
    place = f"/api/sessions/{session_id}/files/{listed[0]['id']}"
    answer = await shop.get(f"{place}/thumb")
    assert answer.headers["content-type"] == "image/x-portable-pixmap"
    assert (decode(answer.content).width, decode(answer.content).height) == (120, 75)
    assert (await shop.get(place)).content == PHOTO
    assert (await shop.get(f"/api/sessions/{session_id}/files/{listed[1]['id']}/thumb")).status_code == 404
    await shop.accept(session_id)
    assert (await shop.get(f"{place}/thumb", shop.bob.token)).status_code == 404
