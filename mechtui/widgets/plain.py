"""What is painted, as the terminal can show it: in its characters, and where it has no colours, without."""

from collections.abc import Mapping, Sequence
from functools import lru_cache

from rich.color import Color as RichColor
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter

from mechtui.plain import plain
from mechtui.terminal import Glyphs, glyphs_of, has_colours

_STANDS_OUT = 0.4
"""How much brighter or darker than the page, from 0 to 1, what is behind a text has to be to be meant as a mark."""


def filters_for(environ: Mapping[str, str]) -> list[LineFilter]:
    """What has to be changed for this terminal."""
    glyphs = glyphs_of(environ)
    return [
        *([PlainText(glyphs)] if glyphs is not Glyphs.ALL else []),
        *([] if has_colours(environ) else [NoColours()]),
    ]


class PlainText(LineFilter):
    """Only characters that can be shown."""

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__()
        self._glyphs = glyphs

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The same segments, each as wide as it was."""
        return [segment._replace(text=plain(segment.text, self._glyphs)) for segment in segments]


class NoColours(LineFilter):
    """Bold, underlined and reversed are all there is: what is marked by a colour behind it is reversed."""

    def apply(self, segments: Sequence[Segment], background: Color) -> list[Segment]:
        """The same segments without colours and links."""
        page = background.brightness
        return [Segment(text, style and _bare(style, page), control) for text, style, control in segments]


@lru_cache(maxsize=1024)
def _bare(style: Style, page: float) -> Style:
    behind = _brightness(style.bgcolor)
    return Style(
        bold=style.bold,
        underline=style.underline,
        reverse=style.reverse or (behind is not None and abs(behind - page) > _STANDS_OUT),
    )


def _brightness(colour: RichColor | None) -> float | None:
    return None if colour is None or colour.is_default else Color.from_rich_color(colour).brightness
