"""Pictures in the cells of a terminal: two pixels a cell, one above the other, as the colours of a half block. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from mechtui.formatting import Line, Paint, Piece

HALF_BLOCK = "▀"
_HEAD = re.compile(rb"P6\s(\d{1,4})\s(\d{1,4})\s255\s")
_SIDE_LIMIT = 1024
STRIP_COLUMNS, STRIP_LINES = 24, 9
"""The room of one picture among several."""


class PictureError(ValueError):
    """What came is no picture in the form the backend sends."""


@dataclass(frozen=True)
class Picture:
    """`rgb` has three bytes a pixel, line by line."""

    width: int
    height: int
    rgb: bytes

    def __post_init__(self) -> None:
        if len(self.rgb) != self.width * self.height * 3:
            raise PictureError(f"{self.width} by {self.height} pixels are not {len(self.rgb)} bytes")


def encode(width: int, height: int, rgb: bytes) -> bytes:
    """A picture as it goes over the wire: a binary portable pixmap."""
    return b"P6\n%d %d\n255\n" % (width, height) + rgb


def decode(content: bytes) -> Picture:
    """The picture in a binary portable pixmap. Raises `PictureError` for anything else."""
    head = _HEAD.match(content)
    if head is None:
        raise PictureError("it does not begin like a picture")
    width, height = int(head[1]), int(head[2])
    if not (0 < width <= _SIDE_LIMIT and 0 < height <= _SIDE_LIMIT):
        raise PictureError(f"{width} by {height} pixels are not a small picture")
    return Picture(width, height, content[head.end() :])


def fitted(picture: Picture, columns: int, lines: int) -> tuple[int, int]:
    """The largest size in columns and lines that a picture fills within these, in its own proportions.

    Never larger than it is: a pixel is at least a column wide and half a line high.
    """
    scale = min(columns / picture.width, lines * 2 / picture.height, 1.0)
    return max(1, round(picture.width * scale)), max(1, round(picture.height * scale / 2))


@lru_cache(maxsize=64)
def picture_lines(picture: Picture, columns: int, lines: int) -> tuple[Line, ...]:
    """A picture in at most so many columns and lines."""
    width, height = fitted(picture, columns, lines)
    small = shrunk(picture, width, height * 2)
    return tuple(tuple(_cell(small, x, y) for x in range(width)) for y in range(height))


def strip(pictures: Sequence[Picture], width: int, key: str) -> list[Line]:
    """As many pictures side by side as there is room for, small; with a line that says by which key one sees more."""
    fitting = pictures[: (width - 1) // (STRIP_COLUMNS + 1)]
    if not fitting:
        return []
    columns = [picture_lines(picture, STRIP_COLUMNS, STRIP_LINES) for picture in fitting]
    lines: list[Line] = []
    for y in range(max(map(len, columns))):
        pieces: list[Piece] = []
        for column in columns:
            wide = len(column[0])
            pieces += [Piece(" "), *(column[y] if y < len(column) else (Piece(" " * wide),))]
        lines.append(tuple(pieces))
    return [(), *lines, (Piece(f" {key} shows them larger", "dim", "files"),)]


def _cell(picture: Picture, x: int, y: int) -> Piece:
    return Piece(HALF_BLOCK, paint=Paint(_colour(picture, x, 2 * y), _colour(picture, x, 2 * y + 1)))


def _colour(picture: Picture, x: int, y: int) -> int:
    place = (y * picture.width + x) * 3
    return int.from_bytes(picture.rgb[place : place + 3], "big")


def shrunk(picture: Picture, width: int, height: int) -> Picture:
    """A picture in another size: each pixel the mean of those it stands for."""
    if (width, height) == (picture.width, picture.height):
        return picture
    columns = [_stretch(x, width, picture.width) for x in range(width)]
    rows = [_stretch(y, height, picture.height) for y in range(height)]
    mixed = bytearray()
    for top, bottom in rows:
        lines = [picture.rgb[y * picture.width * 3 : (y + 1) * picture.width * 3] for y in range(top, bottom)]
        for left, right in columns:
            count = (bottom - top) * (right - left)
            for channel in range(3):
                mixed.append(sum(sum(line[left * 3 + channel : right * 3 : 3]) for line in lines) // count)
    return Picture(width, height, bytes(mixed))


def _stretch(place: int, size: int, of: int) -> tuple[int, int]:
    """Which pixels of the larger side a pixel of the smaller stands for; at least one."""
    start = place * of // size
    return start, max(start + 1, (place + 1) * of // size)
