"""Text for terminals that cannot show every character. Pure. What is put in place of one is as wide as it was."""

import unicodedata
from functools import lru_cache

from rich.cells import cell_len

from mechtui.terminal import Glyphs

_CONSOLE = {"▌": "█", "▐": "█", "▎": "│", "▊": "│", "▏": "│", "▕": "│", "▔": "─", "▁": "_", "▀": "█", "▄": "█"} | {
    "▓": "▒", "►": ">", "≠": "!", "✓": "x", "○": "o", "◦": "o"
}  # fmt: skip
"""What the fonts of Debian's consoles lack, of what libraries or we draw with."""
_ASCII = {
    **dict.fromkeys("─━╌┄═", "-"), **dict.fromkeys("│┃║▎▊▏▕", "|"), **dict.fromkeys("┌┐└┘╭╮╯╰├┤┬┴┼╸╺", "+"),
    **dict.fromkeys("█▓▒░▀▄▐", "#"), **dict.fromkeys("“”", '"'), **dict.fromkeys("‘’", "'"), **dict.fromkeys("–—", "-"),
    "▌": ">", "►": ">", "▶": ">", "◀": "<", "→": ">", "←": "<", "↑": "^", "↓": "v", "▲": "^", "▼": "v", "▔": "-",
    "▁": "_", "…": "~", "·": ".", "•": "*", "●": "*", "×": "x", "≠": "!", "ß": "s", "ø": "o", "Ø": "O", "ł": "l",
    "Ł": "L", "æ": "a", "Æ": "A", "đ": "d", "ı": "i",
}  # fmt: skip
"""What no accent can be taken from."""


def plain(text: str, glyphs: Glyphs) -> str:
    """A text in characters that can be shown."""
    if glyphs is Glyphs.ALL or text.isascii():
        return text
    return "".join(_shown(character, glyphs) for character in text)


@lru_cache(maxsize=1024)
def _shown(character: str, glyphs: Glyphs) -> str:
    if character.isascii():
        return character
    if glyphs is Glyphs.CONSOLE:
        return _CONSOLE.get(character, character)
    letter = _ASCII.get(character) or _without_accents(character)
    return letter or "?" * cell_len(character)


def _without_accents(character: str) -> str:
    """The letter under the accents; nothing where it has none, or is not as wide."""
    letter = unicodedata.normalize("NFKD", character)[:1]
    return letter if letter.isascii() and letter.isprintable() and cell_len(character) == 1 else ""
