"""Makes pictures small, in a process that has nothing else: `python -m mechtui.server.decoder`.

It reads one file after the other from standard input and answers each on standard output, as `mechtui.server.thumbs`
says. Each is decoded in a fork of its own, which begins warm, has no other customer's picture in it, and is held to
limits of time and memory. It can open no file and no line: its number of descriptors is used up.
"""

import os
import resource
import signal
import sys
from io import BytesIO
from typing import NoReturn

from PIL import Image, ImageOps

from mechtui.server.thumbs import HIGHEST, LENGTH, SIDES, WIDEST, Thumb

FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
MOST_PIXELS = {"JPEG": 64_000_000}
"""A JPEG is read at an eighth of its size, so that a large one takes little memory."""
MOST_PIXELS_ELSE = 16_000_000
CPU_SECONDS = 10
CLOCK_SECONDS = 30
MEMORY_BYTES = 320 * 1024 * 1024
"""Of address space, of which the program takes some fifty megabytes, and a WebP of the most pixels all the rest."""
LIMITS = {
    resource.RLIMIT_AS: MEMORY_BYTES,
    resource.RLIMIT_CPU: CPU_SECONDS,
    resource.RLIMIT_NOFILE: 0,
    resource.RLIMIT_FSIZE: 0,
    resource.RLIMIT_CORE: 0,
    resource.RLIMIT_NPROC: 0,
}
_LONGEST = SIDES.size + WIDEST * HIGHEST * 3
_ENDED_ILL = 1


def main() -> int:
    """Serve until whoever asks is gone; the exit status. One fork that ends ill ends this, too: another takes over."""
    _warm_up()
    while head := _read(0, LENGTH.size):
        made, status = _in_a_fork(LENGTH.unpack(head)[0])
        if status:
            return _ENDED_ILL
        _write(1, LENGTH.pack(len(made)) + made)
    return 0


def make_thumb(content: bytes) -> Thumb | None:
    """The small picture of a file's content; nothing for what is no picture, too large, or broken."""
    try:
        with Image.open(BytesIO(content), formats=FORMATS) as picture:
            if picture.width * picture.height > MOST_PIXELS.get(picture.format or "", MOST_PIXELS_ELSE):
                return None
            return _small(picture)
    except Exception:
        # A decoder fails in as many ways as there are broken files; each of them only says that there is no picture.
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


def _warm_up() -> None:
    """Have imported whatever decoding imports: a fork can open no file."""
    exif = Image.Exif()
    exif[0x0112] = 6
    for kind in FORMATS:
        sample = BytesIO()
        Image.new("RGB", (2, 1)).save(sample, kind, **({} if kind == "GIF" else {"exif": exif}))
        make_thumb(sample.getvalue())


def _in_a_fork(length: int) -> tuple[bytes, int]:
    """What a fork makes of the file that comes next, and how it ended."""
    ours, theirs = os.pipe()
    fork = os.fork()
    if fork == 0:
        os.close(ours)
        _decode(length, theirs)
    os.close(theirs)
    made = _read(ours, _LONGEST)
    os.close(ours)
    return made, os.waitpid(fork, 0)[1]


def _decode(length: int, to: int) -> NoReturn:
    """Be the fork: take the file, give up everything else, decode."""
    status = _ENDED_ILL
    try:
        content = _read(0, length)
        _confine()
        thumb = make_thumb(content)
        if thumb is not None:
            _write(to, SIDES.pack(thumb.width, thumb.height) + thumb.rgb)
        status = 0
    finally:
        os._exit(status)


def _confine() -> None:
    signal.alarm(CLOCK_SECONDS)
    for descriptor in range(3):
        os.close(descriptor)
    for limit, value in LIMITS.items():
        most = resource.getrlimit(limit)[1]
        value = value if most == resource.RLIM_INFINITY else min(value, most)
        resource.setrlimit(limit, (value, value))


def _read(descriptor: int, length: int) -> bytes:
    """So many bytes, or as many as there are."""
    parts: list[bytes] = []
    while length and (part := os.read(descriptor, length)):
        parts.append(part)
        length -= len(part)
    return b"".join(parts)


def _write(descriptor: int, content: bytes) -> None:
    while content:
        content = content[os.write(descriptor, content) :]


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the backend, which then goes, and this with it
    sys.exit(main())
