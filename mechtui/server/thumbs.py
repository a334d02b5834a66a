"""Small pictures of the photos that come with an intake, made when they come, within strict limits.

What cannot be made small has no small picture; that is never a reason to refuse a request. Whoever sends a picture may
have made it to break what reads it, so none is decoded here: `mechtui.server.decoder` does, a process of its own.
"""

import asyncio
import atexit
import base64
import binascii
import logging
import socket
import struct
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Lock
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from mechtui.environ import for_others

if TYPE_CHECKING:  # the decoder knows this module, and is to be there soon
    from mechtui.models import FileUpload

WIDEST, HIGHEST = 120, 90
"""In pixels: as many as a terminal of 120 columns shows of it."""
LENGTH = struct.Struct("!I")
"""Before each file, and before each answer: how many bytes follow. An answer of none says that there is no picture."""
SIDES = struct.Struct("!HH")
"""An answer begins with width and height; the pixels follow, three bytes each."""
PATIENCE_SECONDS = 60.0
"""A decoder that says nothing for so long is ended; its own limits are far below."""

_HEAD_CHARACTERS = 64
_LOG = logging.getLogger(__name__)


class Thumb(NamedTuple):
    """A small picture: `rgb` has three bytes a pixel, line by line."""

    width: int
    height: int
    rgb: bytes


class Thumbs:
    """Has them made, in a thread of its own."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="mechtui-thumbs")

    async def of(self, files: "Sequence[FileUpload]") -> list[Thumb | None]:
        """One for each file, or nothing for one that has none."""
        if not files:
            return []
        return await asyncio.get_running_loop().run_in_executor(self._pool, thumbs_of, files)

    def close(self) -> None:
        """Let the last one be made."""
        self._pool.shutdown(cancel_futures=True)


class Decoder:
    """The process that decodes: begun when it is first needed, and again when it has ended. One file at a time."""

    MODULE: ClassVar[str] = "mechtui.server.decoder"

    def __init__(self) -> None:
        self._turn = Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._line: socket.socket | None = None

    @property
    def pid(self) -> int:
        """The process there is now; none is 0."""
        return self._process.pid if self._process is not None else 0

    def thumb(self, content: bytes) -> Thumb | None:
        """The small picture of a file's content; nothing for what is no picture, too large, or broken."""
        with self._turn:
            if self._line is None:
                self._begin()
            try:
                return self._ask(content)
            except (OSError, EOFError, ValueError) as error:
                # It ended under this file, or answered what is no answer. The next file finds another one.
                _LOG.warning("the decoder of pictures ended under a file of %d bytes: %r", len(content), error)
                self._end()
                return None

    def close(self) -> None:
        """End it."""
        with self._turn:
            self._end()

    def _begin(self) -> None:
        ours, theirs = socket.socketpair()
        ours.settimeout(PATIENCE_SECONDS)
        command, line = [sys.executable, "-m", self.MODULE], theirs.fileno()
        self._process = subprocess.Popen(command, env=for_others(), stdin=line, stdout=line)
        theirs.close()
        self._line = ours

    def _end(self) -> None:
        if self._line is not None and self._process is not None:
            self._line.close()
            self._process.kill()
            self._process.wait()
        self._line = self._process = None

    def _ask(self, content: bytes) -> Thumb | None:
        assert self._line is not None
        self._line.sendall(LENGTH.pack(len(content)) + content)
        (length,) = LENGTH.unpack(self._take(LENGTH.size))
        if length == 0:
            return None
        if length > SIDES.size + WIDEST * HIGHEST * 3:
            raise ValueError(f"an answer of {length} bytes")
        width, height = SIDES.unpack(self._take(SIDES.size))
        rgb = self._take(length - SIDES.size)
        if not (0 < width <= WIDEST and 0 < height <= HIGHEST and len(rgb) == width * height * 3):
            raise ValueError(f"{width} by {height} pixels in {len(rgb)} bytes")
        return Thumb(width, height, rgb)

    def _take(self, length: int) -> bytes:
        assert self._line is not None
        taken = b""
        while len(taken) < length:
            more = self._line.recv(length - len(taken))
            if not more:
                raise EOFError("it has ended")
            taken += more
        return taken


_DECODER = Decoder()
atexit.register(_DECODER.close)


def thumbs_of(files: "Sequence[FileUpload]") -> list[Thumb | None]:
    """One for each file, or nothing for one that has none."""
    return [_of_upload(file) for file in files]


def make_thumb(content: bytes) -> Thumb | None:
    """The small picture of a file's content; nothing for what is no picture, too large, or broken."""
    return _DECODER.thumb(content) if _may_be_picture(content) else None


def _of_upload(file: "FileUpload") -> Thumb | None:
    # What is wrong with a file the submit itself says.
    with suppress(binascii.Error, ValueError):
        if _may_be_picture(base64.b64decode(file.data[:_HEAD_CHARACTERS])):
            return make_thumb(base64.b64decode(file.data, validate=True))
    return None


def _may_be_picture(head: bytes) -> bool:
    webp = head[:4] == b"RIFF" and head[8:12] == b"WEBP"
    return webp or head.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n", b"GIF8"))
