"""A changed part of the screen with as little work and in as few bytes as there can be.

Where one line changes Textual asks every widget for all its lines, writes the change from the left edge of its widget
on, and spells out every colour of every piece of it. This asks for the lines that changed, writes the cells that
changed, and says of their looks only what differs from the cell before: a quarter of the bytes, which is felt at the
other end of a slow SSH line. What stands there already is left out: for one panel Textual paints the screen up to five
times. It stands in for parts of `textual._compositor` that Textual offers no public way to
replace: look here first when another version of Textual is taken.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple
from weakref import WeakKeyDictionary

from rich.cells import cell_len
from rich.color import ColorSystem
from rich.console import Console
from rich.control import Control
from rich.style import Style
from textual._compositor import ChopsUpdate, Compositor, LayoutUpdate
from textual.geometry import Region
from textual.strip import Strip

_shown: WeakKeyDictionary[Console, dict[int, Strip]] = WeakKeyDictionary()
"""The lines that are on the terminal of an app, as far as they were painted whole once."""


def forget(console: Console) -> None:
    """What was on the terminal may be there no more: the next time all is painted, it is painted whole."""
    _shown.pop(console, None)


class LeanCompositor(Compositor):
    """A compositor whose updates are lean."""

    def _get_renders(self, crop: Region | None = None) -> Iterator[tuple[Region, Region, list[Strip]]]:
        """What each widget, topmost first, has in the lines of `crop`: its place, what is seen of it, its strips."""
        lines = crop or self.size.region
        for widget, (region, clip) in self.visible_widgets.items():
            seen = region.intersection(clip).intersection(Region(0, lines.y, self.size.width, lines.height))
            if seen:
                yield seen, seen, widget.render_lines(seen.translate(-region.offset))

    def render_full_update(self, simplify: bool = False) -> LayoutUpdate:
        """All that is to be seen."""
        update = super().render_full_update(simplify)
        return LeanLayout(update.strips, update.region)

    def render_partial_update(self) -> ChopsUpdate | None:
        """What has changed since the last update, if anything."""
        update = super().render_partial_update()
        return LeanUpdate(update.chops, update.spans, update.chop_ends) if update else None


class LeanLayout(LayoutUpdate):
    """All lines, of which those are written that are not there already."""

    def render_segments(self, console: Console) -> str:
        """The bytes for the terminal, as text."""
        pen = Pen(console._color_system or ColorSystem.TRUECOLOR)
        shown = _shown.setdefault(console, {})
        for y, strips in enumerate(self.strips, self.region.y):
            line = Strip.join(strips).simplify()
            if shown.get(y) != line:
                pen.write(self.region.x, y, line)
                shown[y] = line
        return pen.written()


class LeanUpdate(ChopsUpdate):
    """Stretches of lines, written with a pen that remembers."""

    def render_segments(self, console: Console) -> str:
        """The bytes for the terminal, as text."""
        pen = Pen(console._color_system or ColorSystem.TRUECOLOR)
        shown = _shown.get(console, {})
        for y, start, end in self.spans:
            for chop_end, (x, strip) in zip(self.chop_ends[y], self.chops[y].items(), strict=False):
                left, right = max(x, start), min(chop_end, end)
                if strip is not None and left < right:
                    piece = strip.crop(left - x, right - x).simplify()
                    if _is_new(shown, left, y, piece):
                        pen.write(left, y, piece)
        return pen.written()


def _is_new(shown: dict[int, Strip], x: int, y: int, piece: Strip) -> bool:
    """Whether a stretch of a line is not there already; if so it is taken to be there from now on."""
    line, end = shown.get(y), x + piece.cell_length
    if line is None:
        return True
    if line.crop(x, end).simplify() == piece:
        return False
    shown[y] = Strip.join([line.crop(0, x), piece, line.crop(end)]).simplify()
    return True


class Look(NamedTuple):
    """What a style is in SGR codes: attributes, colour of the text, colour behind it; empty where it has none."""

    attributes: str
    text: str
    behind: str


PLAIN = Look("", "", "")
_IN_DOUBT = re.compile("[\U0001f1e6-\U0001f1ff\U0001f3fb-\U0001f3ff]+")
"""Letters of flags and tones of skin: some terminals join them to what is before them, others do not."""


class Pen:
    """Writes strips at places. It begins and ends plain."""

    def __init__(self, colours: ColorSystem) -> None:
        self._colours = colours
        self._look = PLAIN
        self._parts: list[str] = []

    def write(self, x: int, y: int, strip: Strip) -> None:
        """Write a strip from column `x` of line `y` on."""
        self._parts.append(Control.move_to(x, y).segment.text)
        for number, (text, style, _) in enumerate(strip):
            self._take(_look(style, self._colours) if style else PLAIN)
            if not text.isascii() and _IN_DOUBT.search(text):
                text = _placed(text, x + sum(piece.cell_length for piece in strip._segments[:number]), y)
            self._parts.append(_linked(text, style) if style and style.link else text)

    def written(self) -> str:
        """All that was written."""
        self._take(PLAIN)
        return "".join(self._parts)

    def _take(self, look: Look) -> None:
        if look != self._look:
            self._parts.append(f"\x1b[{_codes(self._look, look)}m")
            self._look = look


def _codes(before: Look, after: Look) -> str:
    """The codes that lead from one look to another."""
    kept = before.attributes == after.attributes
    if kept and (after.text or not before.text) and (after.behind or not before.behind):
        return ";".join(new for new, old in zip(after, before, strict=True) if new != old)
    return ";".join(code for code in ("0" if before != PLAIN or after == PLAIN else "", *after) if code)


def _placed(text: str, x: int, y: int) -> str:
    """The text from column `x` on, the cursor put right wherever terminals may have it in different places."""

    def put_right(found: re.Match[str]) -> str:
        return found.group() + Control.move_to(x + cell_len(text[: found.end()]), y).segment.text

    return _IN_DOUBT.sub(put_right, text)


def _linked(text: str, style: Style) -> str:
    return f"\x1b]8;id={style.link_id};{style.link}\x1b\\{text}\x1b]8;;\x1b\\"


@lru_cache(maxsize=512)
def _look(style: Style, colours: ColorSystem) -> Look:
    text, behind = style.color, style.bgcolor
    return Look(
        Strip.render_ansi(style.without_color, colours),
        ";".join(text.downgrade(colours).get_ansi_codes()) if text else "",
        ";".join(behind.downgrade(colours).get_ansi_codes(foreground=False)) if behind else "",
    )
