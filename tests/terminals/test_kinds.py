"""The dashboard in each kind of terminal: what it is told, and the code of a session's page as a phone sees it."""

import re
from dataclasses import dataclass
from pathlib import Path

import pyte
import pytest
import zxingcpp
from PIL import Image, ImageDraw

from tests.terminals.support import seated

CELL = (5, 10)
"""Of pixels: a small font."""
NAMED = {"black": "000000", "white": "aaaaaa", "brightwhite": "ffffff"}
OTHER = "777777"


def picture_of(screen: pyte.Screen) -> Image.Image:
    """What is on the screen: half blocks as they are, other characters as a stroke."""
    picture = Image.new("RGB", (screen.columns * CELL[0], screen.lines * CELL[1]))
    draw = ImageDraw.Draw(picture)
    for y in range(screen.lines):
        for x in range(screen.columns):
            cell = screen.buffer[y][x]
            text, behind = _rgb(cell.fg, "aaaaaa"), _rgb(cell.bg, "000000")
            if cell.reverse:
                text, behind = behind, text
            left, top = x * CELL[0], y * CELL[1]
            draw.rectangle((left, top, left + CELL[0] - 1, top + CELL[1] - 1), behind)
            if cell.data == "▀":
                draw.rectangle((left, top, left + CELL[0] - 1, top + CELL[1] // 2 - 1), text)
            elif cell.data.strip():
                draw.rectangle((left + 1, top + 2, left + 2, top + 7), text)
    return picture


def _rgb(colour: str, default: str) -> str:
    """A colour of pyte, which is a name or six digits."""
    digits = default if colour == "default" else NAMED.get(colour, colour)
    return f"#{digits if re.fullmatch('[0-9a-f]{6}', digits) else OTHER}"


def read(screen: pyte.Screen) -> list[str]:
    """What is found in the picture, also in one taken aslant; a negative is not, as by phones."""
    picture = picture_of(screen)
    aslant = picture.transform(picture.size, Image.Transform.AFFINE, (1.05, 0.12, -20, 0.02, 1.1, -10))
    return sorted({code.text for shot in (picture, aslant) for code in zxingcpp.read_barcodes(shot, try_invert=False)})


LINES = "─━│┃┌┐└┘╭╮╰╯├┤╸╺█▒░●✗▶◀▲▼←→↑↓…–—“”’€"
"""What the fonts of Debian's consoles have besides Latin-1, of what one would draw with."""


@dataclass(frozen=True)
class Kind:
    """A kind of terminal, what it may be told of looks (SGR), and in which characters."""

    environ: dict[str, str]
    looks: str
    characters: str = ".*"
    size: tuple[int, int] = (80, 24)
    has_code: bool = True
    told_more: bool = True


SIXTEEN = r"0|[1-4]|3[0-7]|4[0-7]|9[0-7]|10[0-7]"
GREYS = r"0|[1-4]|[34]8;5;(?:16|231|23[2-9]|24\d|25[0-5]|59|102|145|188|[078]|15)"
KINDS = {
    "256 colours": Kind({"TERM": "xterm-256color"}, r"0|[1-4]|[34]8;5;\d+"),
    "no colour": Kind({"TERM": "xterm-256color", "NO_COLOR": "1"}, GREYS),
    "16 colours, light": Kind({"TERM": "xterm", "MECHTUI_THEME": "light"}, SIXTEEN),
    "a name nobody knows": Kind({"TERM": "unknown"}, SIXTEEN),
    "GNU screen in a terminal with true colours": Kind({"TERM": "screen", "COLORTERM": "truecolor"}, SIXTEEN),
    "a Linux console": Kind({"TERM": "linux"}, SIXTEEN, f"[\0-\xff{LINES}]*", size=(128, 48)),
    "a VT220": Kind({"TERM": "vt220"}, "0|[147]", "[\0-\x7f]*", size=(128, 48), told_more=False),
    "no UTF-8": Kind({"TERM": "xterm", "LANG": "C"}, SIXTEEN, "[\0-\x7f]*", has_code=False),
}


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
async def test_each_kind_of_terminal_is_told_what_it_knows_and_shows_the_code(tmp_path: Path, kind: Kind) -> None:
    async with seated(tmp_path, size=kind.size, SSH_TTY="/dev/pts/1", **kind.environ) as seat:
        await seat.screen.press("a", until="Accepted: it is yours")
        url = f"{seat.shop.backend.shop.public_url}/video/{seat.request}"
        await seat.screen.sees(url)
        assert read(seat.screen.screen) == ([url] if kind.has_code else [])
        assert kind.has_code or "As a QR code, too, in a window of 78x48." in seat.screen.text
        await seat.screen.press("q", "q")
        assert await seat.screen.end() == 0
    said = seat.screen.written.decode()
    assert {look for look in re.findall(r"\x1b\[([\d;]*)m", said) if not looks_like(kind.looks, look)} == set()
    assert re.fullmatch(kind.characters, re.sub(r"\x1b[^a-zA-Z]*.", "", said), re.DOTALL)
    assert kind.told_more or "\x1b]" not in said
    assert said.index("\x1b[?1049h") < said.index("\x1b[?1049l")


def looks_like(allowed: str, look: str) -> bool:
    """Whether each part of a look is allowed."""
    return re.fullmatch(f"(?:(?:{allowed})(?:;|$))+", look) is not None
