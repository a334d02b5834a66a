"""Files that were made to break what reads pictures: small, and what they ask for is not."""

import struct
import zlib
from io import BytesIO

from PIL import Image

MEBIBYTE = 1024 * 1024


def file_of(image: Image.Image, kind: str = "JPEG", **more: object) -> bytes:
    """An image in a format."""
    out = BytesIO()
    image.save(out, kind, **more)
    return out.getvalue()


PHOTO = file_of(Image.new("RGB", (640, 400), (200, 30, 30)))
_DOT = Image.new("RGB", (1, 1))


def png(width: int, height: int, *chunks: tuple[bytes, bytes], pixels: bytes = b"") -> bytes:
    """A PNG that says it has these sides, with more chunks and any pixels."""
    head = (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    body = (head, *chunks, (b"IDAT", zlib.compress(pixels, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, content) for kind, content in body)


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def _jpeg_of(width: int, height: int, *, progressive: bool) -> bytes:
    """A small JPEG whose head says that it is large."""
    small = file_of(_DOT, progressive=progressive, subsampling=0)
    frame = small.index(b"\xff\xc2" if progressive else b"\xff\xc0")
    return small[: frame + 5] + struct.pack(">HH", height, width) + small[frame + 9 :]


def _gif_of(frames: int) -> bytes:
    """A GIF of one pixel that lasts for ever."""
    frame = b"\x21\xf9\x04\x00\x00\x00\x00\x00\x2c\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02\x44\x01\x00"
    return b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff" + frame * frames + b"\x3b"


def _webp_of(width: int, height: int) -> bytes:
    """A WebP whose canvas is large."""
    small = file_of(_DOT, "WEBP", lossless=True)[12:]
    canvas = b"VP8X" + struct.pack("<I", 10) + b"\0\0\0\0" + _three(width - 1) + _three(height - 1)
    return b"RIFF" + struct.pack("<I", 4 + len(canvas) + len(small)) + b"WEBP" + canvas + small


def _three(number: int) -> bytes:
    return struct.pack("<I", number)[:3]


_UNPACKED = zlib.compress(bytes(64 * MEBIBYTE), 9)
_LESS = zlib.compress(bytes(MEBIBYTE), 9)
_TIFF = b"MM\0*\0\0\0\x08"
BOMBS = {
    "PNG of 50,000 by 50,000": png(50_000, 50_000, pixels=bytes(1000)),
    "PNG of one line": png(2**31 - 1, 1, pixels=bytes(1000)),
    "PNG that unpacks to all its pixels": png(4_000, 4_000, pixels=bytes(48 * MEBIBYTE)),
    "text that unpacks to 64 MiB": png(1, 1, (b"zTXt", b"a\0\0" + _UNPACKED), pixels=bytes(4)),
    "a thousand such texts": png(
        1, 1, *[(b"zTXt", b"a\0\0" + zlib.compress(bytes(MEBIBYTE), 9))] * 1000, pixels=bytes(4)
    ),
    "iTXt that unpacks": png(1, 1, (b"iTXt", b"a\0\1\0\0\0" + _UNPACKED), pixels=bytes(4)),
    "profile that unpacks": png(1, 1, (b"iCCP", b"a\0\0" + _UNPACKED), pixels=bytes(4)),
    "APNG of a million frames": png(1, 1, (b"acTL", struct.pack(">II", 2**20, 0)), pixels=bytes(4)),
    "EXIF that leads to itself": file_of(
        _DOT, exif=b"Exif\0\0MM\0*\0\0\0\x08" + b"\0\1\x87\x69\0\4\0\0\0\1\0\0\0\x08" * 9
    ),
    "EXIF of 64 KiB of nothing": file_of(_DOT, exif=b"Exif\0\0II*\0\x08\0\0\0" + b"\xff" * 65_000),
    "JPEG of 65,500 by 65,500": _jpeg_of(65_500, 65_500, progressive=False),
    "JPEG of 64 million pixels": _jpeg_of(8_000, 8_000, progressive=False),
    "progressive JPEG of 64 million pixels": _jpeg_of(8_000, 8_000, progressive=True),
    "GIF of 100,000 frames": _gif_of(100_000),
    "GIF of 65,535 by 65,535": b"GIF89a\xff\xff\xff\xff" + _gif_of(1)[10:],
    "WebP of 16,383 by 16,383": _webp_of(16_383, 16_383),
    "WebP of 4,000 by 4,000": _webp_of(4_000, 4_000),
    "SVG": b'<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>',
    "TIFF of 2³² by 2³²": _TIFF + b"\0\2\1\0\0\4\0\0\0\1\xff\xff\xff\xff\1\1\0\4\0\0\0\1\xff\xff\xff\xff\0\0\0\0",
    "a web page in a JPEG": PHOTO + b"<script>alert(1)</script>",
    "an archive in a GIF": _gif_of(1) + b"PK\3\4" + bytes(100),
    "EPS in a JPEG's clothes": b"\xff\xd8\xff%!PS-Adobe-3.0\n(/etc/passwd) (r) file",
    "half a photo": PHOTO[: len(PHOTO) // 2],
    "every byte": bytes(range(256)) * 4000,
}
"""None larger than a file may be."""
