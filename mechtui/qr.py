"""An address as a QR code in the cells of a terminal: black on white whatever the theme, for phones read no negative.

segno makes the code; it is imported when the first one is wanted.
"""

from functools import lru_cache

from mechtui.formatting import Line, Paint, Piece

_QUIET = 2
"""Modules of white around the code. The standard wants 4; phones were seen to do with 1."""
_BLACK, _WHITE = 0x000000, 0xFFFFFF
_HALF_BLOCK = "▀"

Rows = tuple[tuple[bool, ...], ...]


@lru_cache(maxsize=8)
def code_lines(text: str, *, half_blocks: bool) -> tuple[Line, ...]:
    """The code of a text: two modules a cell, or without `half_blocks` two cells a module, which any font can draw."""
    rows = _modules(text)
    return _in_half_blocks(rows) if half_blocks else _in_spaces(rows)


def size_of(code: tuple[Line, ...]) -> tuple[int, int]:
    """Columns and lines of a code."""
    return sum(len(piece.text) for piece in code[0]), len(code)


def _modules(text: str) -> Rows:
    """Whether each module is black, the quiet zone included. As small as can be, then as robust as costs no room."""
    import segno

    code = segno.make(text, error="l", boost_error=True, micro=False)
    return tuple(tuple(bool(module) for module in row) for row in code.matrix_iter(border=_QUIET))


def _in_half_blocks(rows: Rows) -> tuple[Line, ...]:
    white = (False,) * len(rows[0])
    below = (*rows[1::2], white)
    return tuple(
        tuple(Piece(_HALF_BLOCK, paint=Paint(_colour(top), _colour(bottom))) for top, bottom in zip(*pair, strict=True))
        for pair in zip(rows[::2], below, strict=False)
    )


def _in_spaces(rows: Rows) -> tuple[Line, ...]:
    return tuple(tuple(Piece("  ", paint=Paint(_BLACK, _colour(module))) for module in row) for row in rows)


def _colour(black: bool) -> int:
    return _BLACK if black else _WHITE
