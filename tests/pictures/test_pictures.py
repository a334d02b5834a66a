"""Pictures as half blocks: sizes, colours, and that nothing but a picture is taken for one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mechtui.formatting import Paint, width_of
from mechtui.pictures import Picture, PictureError, decode, encode, fitted, picture_lines, shrunk, strip

sides = st.integers(1, 40)


@st.composite
def pictures(draw: st.DrawFn) -> Picture:
    width, height = draw(sides), draw(sides)
    return Picture(width, height, draw(st.binary(min_size=width * height * 3, max_size=width * height * 3)))


def plain(width: int, height: int, colour: int) -> Picture:
    return Picture(width, height, colour.to_bytes(3, "big") * (width * height))


@given(pictures())
def test_what_is_encoded_is_decoded(picture: Picture) -> None:
    assert decode(encode(picture.width, picture.height, picture.rgb)) == picture


@given(st.binary(max_size=60) | st.from_regex(rb"P6\s\d{1,5}\s\d{1,5}\s255\s.{0,30}", fullmatch=True))
def test_anything_else_is_no_picture(content: bytes) -> None:
    try:
        picture = decode(content)
    except PictureError:
        return
    assert len(picture.rgb) == picture.width * picture.height * 3


@given(pictures(), st.integers(1, 60), st.integers(1, 40))
def test_it_fits_and_is_never_empty(picture: Picture, columns: int, lines: int) -> None:
    painted = picture_lines(picture, columns, lines)
    assert 1 <= len(painted) <= lines
    assert {width_of(line) for line in painted} == {fitted(picture, columns, lines)[0]}
    assert 1 <= width_of(painted[0]) <= columns


@given(sides, sides, sides, sides, st.integers(0, 0xFFFFFF))
def test_a_plain_picture_stays_plain(width: int, height: int, columns: int, lines: int, colour: int) -> None:
    small = shrunk(plain(width, height, colour), columns, lines)
    assert small == plain(columns, lines, colour)


def test_upper_and_lower_half() -> None:
    red, blue = b"\xff\x00\x00", b"\x00\x00\xff"
    line = picture_lines(Picture(2, 2, red + blue + blue + red), 10, 10)[0]
    assert [piece.paint for piece in line] == [Paint(0xFF0000, 0x0000FF), Paint(0x0000FF, 0xFF0000)]


def test_each_pixel_is_the_mean_of_those_it_stands_for() -> None:
    assert shrunk(Picture(2, 2, bytes([0, 0, 0, 100, 0, 0, 100, 0, 0, 200, 40, 0])), 1, 1).rgb == bytes([100, 10, 0])


def test_proportions_are_kept() -> None:
    assert fitted(plain(120, 90, 0), 80, 18) == (48, 18)
    assert fitted(plain(120, 90, 0), 30, 50) == (30, 11)
    assert fitted(plain(20, 10, 0), 80, 40) == (20, 5)


def test_as_many_side_by_side_as_there_is_room_for() -> None:
    lines = strip([plain(120, 90, 1), plain(40, 90, 2), plain(120, 90, 3)], 60, "t")
    assert width_of(lines[1]) == 1 + 24 + 1 + fitted(plain(40, 90, 2), 24, 9)[0]
    assert strip([], 60, "t") == []
    assert strip([plain(9, 9, 1)], 20, "t") == []


def test_a_picture_is_all_there() -> None:
    with pytest.raises(PictureError, match="2 by 2 pixels are not 3 bytes"):
        Picture(2, 2, b"abc")
