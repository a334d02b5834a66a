"""Photos as customers take them, drawn when they are wanted: nothing in the package is a picture of a real car.

Each drawing is a function of a `Random`: the same seed gives the same photo. Pillow is imported only when one is drawn.
"""

import io
import math
from collections.abc import Callable
from functools import cache
from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont, ImageFont

SIZE = (640, 400)
"""Width and height in pixels."""

_JPEG_QUALITY = 70
_STEEL = (92, 98, 104)
_RUBBER = (34, 34, 36)
_AMBER = (255, 176, 32)
_RED = (232, 64, 48)
_GREEN = (120, 230, 140)
_PALE = (222, 226, 230)


def draw_photo(kind: str, rng: Random, codes: tuple[str, ...] = ()) -> bytes:
    """A JPEG of at most 40 KB: `kind` is one of `KINDS`; a scan-tool screen shows the trouble `codes`."""
    from PIL import Image, ImageDraw, ImageFilter

    image = Image.new("RGB", SIZE, (12, 13, 16))
    KINDS[kind](ImageDraw.Draw(image), rng, codes)
    image = image.rotate(rng.uniform(-4, 4), fillcolor=(8, 8, 9))
    blur = 9.0 if kind == "dark" else rng.uniform(0.6, 1.2)
    return _jpeg(image.filter(ImageFilter.BoxBlur(blur)))


def _jpeg(image: "Image") -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=_JPEG_QUALITY)
    return out.getvalue()


def _cluster(draw: "ImageDraw", rng: Random, _codes: tuple[str, ...]) -> None:
    _dial(draw, (170, 190), 130, rng.uniform(0.02, 0.25), 1, "x1000 rpm")
    _dial(draw, (470, 190), 130, rng.uniform(0.0, 0.6), 14, "mph")
    _text(draw, (258, 330), f"{rng.randrange(24_000, 241_000):>7,} mi", _PALE, 22)
    for column, (word, colour) in enumerate(rng.sample(_LAMPS, 3)):
        left = 40 + column * 205
        draw.rounded_rectangle((left, 362, left + 150, 390), 6, outline=colour, width=2)
        _text(draw, (left + 12, 366), word, colour, 18)


_LAMPS = (
    ("CHECK ENGINE", _AMBER),
    ("ABS", _AMBER),
    ("OIL", _RED),
    ("TEMP", _RED),
    ("BATTERY", _RED),
    ("TPMS", _AMBER),
    ("BRAKE", _RED),
)


def _dial(draw: "ImageDraw", centre: tuple[int, int], radius: int, reading: float, step: int, unit: str) -> None:
    x, y = centre
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=(20, 22, 26), outline=_STEEL, width=4)
    for tick in range(11):
        draw.line((*_on_dial(centre, radius - 8, tick / 10), *_on_dial(centre, radius - 24, tick / 10)), _PALE, 3)
        label_x, label_y = _on_dial(centre, radius - 42, tick / 10)
        _text(draw, (int(label_x) - 6, int(label_y) - 8), str(tick * step), _PALE, 15)
    draw.line((x, y, *_on_dial(centre, radius - 30, reading)), _RED, 6)
    draw.ellipse((x - 12, y - 12, x + 12, y + 12), fill=_STEEL)
    _text(draw, (x - 34, y + 44), unit, _STEEL, 15)


def _on_dial(centre: tuple[int, int], radius: float, reading: float) -> tuple[float, float]:
    """Where `reading` (0 to 1) lies on a dial that sweeps 240 degrees clockwise from the lower left."""
    angle = math.radians(150 + 240 * reading)
    return centre[0] + radius * math.cos(angle), centre[1] + radius * math.sin(angle)


def _scan(draw: "ImageDraw", rng: Random, codes: tuple[str, ...]) -> None:
    draw.rounded_rectangle((40, 20, 600, 380), 24, fill=(38, 42, 48), outline=_AMBER, width=8)
    draw.rectangle((80, 60, 560, 320), fill=(16, 34, 26))
    _text(draw, (100, 72), "STORED CODES", _GREEN, 26)
    for line, code in enumerate(codes[:4] or ("NO CODES",)):
        _text(draw, (100, 116 + line * 40), code, _PALE, 32)
        _text(draw, (260, 124 + line * 40), rng.choice(("stored", "pending", "permanent")), _GREEN, 20)
    _text(draw, (100, 286), f"{len(codes)} code(s)   battery {rng.uniform(11.6, 14.4):.1f} V", _GREEN, 20)
    for button in range(4):
        draw.ellipse((130 + button * 110, 334, 166 + button * 110, 366), fill=_STEEL)


def _tyre(draw: "ImageDraw", rng: Random, _codes: tuple[str, ...]) -> None:
    draw.rectangle((0, 0, *SIZE), fill=(70, 68, 64))
    draw.rectangle((90, 0, 550, SIZE[1]), fill=_RUBBER)
    worn = rng.choice((0, 1, 2, 3))
    for rib in range(4):
        left = 110 + rib * 112
        depth = 10 if rib == worn else 24
        draw.rectangle((left + 86, 0, left + 86 + depth, SIZE[1]), fill=(14, 14, 15))
        for row in range(-1, 9):
            top = row * 50 + rng.randrange(-2, 3)
            slant = 4 if rib == worn else 22
            draw.line((left, top, left + 86, top + slant), (16, 16, 17), 3 if rib == worn else 8)
    draw.line((rng.randrange(120, 520), 0, rng.randrange(120, 520), SIZE[1]), (58, 56, 54), 2)


def _engine(draw: "ImageDraw", rng: Random, _codes: tuple[str, ...]) -> None:
    draw.rectangle((0, 0, *SIZE), fill=(44, 46, 50))
    draw.rounded_rectangle((150, 90, 470, 250), 18, fill=(28, 29, 32), outline=_STEEL, width=3)
    for cylinder in range(4):
        left = 176 + cylinder * 72
        draw.rounded_rectangle((left, 120, left + 46, 214), 8, fill=(58, 60, 66), outline=(20, 20, 22), width=3)
    draw.rectangle((500, 70, 616, 170), fill=(18, 18, 20), outline=_RED, width=3)
    _text(draw, (514, 104), "12 V", _PALE, 26)
    draw.ellipse((40, 250, 120, 330), fill=(180, 190, 60))
    draw.ellipse((60, 270, 100, 310), fill=(40, 60, 20))
    for _hose in range(5):
        start, end = rng.randrange(0, 200), rng.randrange(380, 640)
        draw.arc((start, rng.randrange(180, 280), end, rng.randrange(300, 420)), 180, 360, (16, 16, 18), 12)
    spot = rng.randrange(180, 420)
    draw.ellipse((spot, 244, spot + 90, 282), fill=(24, 16, 8))


def _dark(draw: "ImageDraw", rng: Random, _codes: tuple[str, ...]) -> None:
    for _shape in range(14):
        x, y = rng.randrange(0, SIZE[0]), rng.randrange(0, SIZE[1])
        grey = rng.randrange(14, 40)
        draw.ellipse((x - 90, y - 50, x + 90, y + 50), fill=(grey, grey, grey + 3))
    x, y = rng.randrange(150, 500), rng.randrange(100, 300)
    draw.ellipse((x - 60, y - 40, x + 60, y + 40), fill=(188, 182, 160))


def _text(draw: "ImageDraw", at: tuple[int, int], text: str, colour: tuple[int, int, int], size: int) -> None:
    draw.text(at, text, fill=colour, font=_font(size))


@cache
def _font(size: int) -> "FreeTypeFont | ImageFont":
    """Pillow's own font: what the system has would make the photos differ from machine to machine."""
    from PIL import ImageFont

    return ImageFont.load_default(size)


KINDS: dict[str, Callable[["ImageDraw", Random, tuple[str, ...]], None]] = {
    "cluster": _cluster,
    "scan": _scan,
    "tyre": _tyre,
    "engine": _engine,
    "dark": _dark,
}
"""What a photo may show."""
