"""Small pictures of the photos that come with an intake, made when they come, within strict limits.

What cannot be made small has no small picture; that is never a reason to refuse a request. One at a time: a picture
in memory is much larger than its file.
"""

import asyncio
import base64
import binascii
import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import NamedTuple

from PIL import Image, ImageOps

from mechtui.models import FileUpload

WIDEST, HIGHEST = 120, 90
"""In pixels: as many as a terminal of 120 columns shows of it."""
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
MOST_PIXELS = {"JPEG": 64_000_000}
"""A JPEG is read at an eighth of its size, so that a large one takes little memory."""
MOST_PIXELS_ELSE = 16_000_000

_HEAD_CHARACTERS = 64
_LOG = logging.getLogger(__name__)


class Thumb(NamedTuple):
    """A small picture: `rgb` has three bytes a pixel, line by line."""

    width: int
    height: int
    rgb: bytes


class Thumbs:
    """Makes them in a thread of its own."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="mechtui-thumbs")

    async def of(self, files: Sequence[FileUpload]) -> list[Thumb | None]:
        """One for each file, or nothing for one that has none."""
        if not files:
            return []
        return await asyncio.get_running_loop().run_in_executor(self._pool, thumbs_of, files)

    def close(self) -> None:
        """Let the last one be made."""
        self._pool.shutdown(cancel_futures=True)


def thumbs_of(files: Sequence[FileUpload]) -> list[Thumb | None]:
    """One for each file, or nothing for one that has none."""
    return [_of_upload(file) for file in files]


def _of_upload(file: FileUpload) -> Thumb | None:
    try:
        if not _may_be_picture(base64.b64decode(file.data[:_HEAD_CHARACTERS])):
            return None
        return make_thumb(base64.b64decode(file.data, validate=True))
    except (binascii.Error, ValueError):
        # The submit itself says what is wrong with it.
        return None


def _may_be_picture(head: bytes) -> bool:
    webp = head[:4] == b"RIFF" and head[8:12] == b"WEBP"
    return webp or head.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n", b"GIF8"))


def make_thumb(content: bytes) -> Thumb | None:
    """The small picture of a file's content; nothing for what is no picture, too large, or broken."""
    try:
        with Image.open(BytesIO(content), formats=FORMATS) as picture:
            if picture.width * picture.height > MOST_PIXELS.get(picture.format or "", MOST_PIXELS_ELSE):
                return None
            return _small(picture)
    except Exception as error:
        # A decoder fails in as many ways as there are broken files, and none of them may stop a submit.
        _LOG.info("no small picture could be made of a file: %r", error)
        return None


def _small(picture: Image.Image) -> Thumb:
    picture.draft("RGB", (WIDEST * 2, HIGHEST * 2))
    picture.thumbnail((max(WIDEST, HIGHEST),) * 2)
    upright = ImageOps.exif_transpose(picture)
    upright.thumbnail((WIDEST, HIGHEST))
    flat = Image.new("RGB", upright.size)
    shown = upright.convert("RGBA")
    flat.paste(shown, mask=shown.getchannel("A"))
    return Thumb(*flat.size, flat.tobytes())
