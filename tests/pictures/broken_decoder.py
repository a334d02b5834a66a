"""The decoder of pictures as an attacker might have it: the file it is sent names what it tries instead of decoding.

What it achieves it tells with a picture; what must not succeed must give none.
"""

import os
import resource
import socket
import sys
from contextlib import suppress
from pathlib import Path

from mechtui.server import decoder
from mechtui.server.thumbs import SIDES, WIDEST, Thumb

GOT = Thumb(1, 1, b"got")


def _try(content: bytes) -> Thumb | None:
    try:
        return _deed(content.partition(b":")[2].decode("latin-1"))
    except (OSError, MemoryError):
        return None


def _deed(name: str) -> Thumb:  # noqa: C901 - a list of deeds
    match name:
        case "run on":
            while True:
                pass
        case "fill the memory":
            return Thumb(1, 1, b"got" if bytearray(2 * decoder.MEMORY_BYTES) else b"")
        case "read a file":
            Path("/etc/hostname").open("rb").close()
        case "write a file":
            Path("/tmp/mechtui-broken").open("wb").close()
        case "open a line":
            socket.socket().close()
        case "talk too much":
            return Thumb(1, 1, bytes(10_000_000))
        case "lie":
            return Thumb(WIDEST + 1, 1, b"got")
        case "answer and crash":
            for descriptor in range(3, 10):
                with suppress(OSError):
                    os.write(descriptor, SIDES.pack(1, 1) + b"got")
            os.abort()
    return GOT


if __name__ == "__main__":
    decoder.LIMITS[resource.RLIMIT_CPU] = 1
    decoder.make_thumb = _try
    sys.exit(decoder.main())
