"""The base of all that the dashboard paints: lines of toned text, of which only changed cells are sent.

A widget says in `line` what each of its lines is. `sync` compares with what was painted and asks for a repaint of
the cells that differ, so a clock that ticks costs a few bytes and a cursor that moves a few dozen, on a terminal that
may be at the other end of a slow SSH line.
"""

from dataclasses import dataclass
from itertools import groupby

from rich.cells import cell_len
from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.app import ComposeResult
from textual.events import Click, Resize
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from mechtui.formatting import Line, Paint, Tone

TONES: tuple[Tone, ...] = (
    "text", "dim", "strong", "accent", "urgent", "warn", "good", "marker", "rule", "key", "here", "match",
)  # fmt: skip

Cell = tuple[str, str]

_SEEN_SPACES = frozenset({"here", "match"})
"""The tones in which a space is seen: with a colour behind it, or a line under it."""
_JUMP = 10
"""Moving the terminal's cursor takes about so many bytes."""


class Painted(Widget, can_focus=False):
    """A widget made of lines of toned text."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES = {f"tone--{tone}" for tone in TONES}  # noqa: RUF012 - Textual's own way to declare them

    @dataclass
    class Pressed(Message):
        """A piece that stands for an action was clicked."""

        action: str

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002 - Textual's word
        super().__init__(id=id, classes=classes)
        self._painted: dict[int, Line] = {}
        self._strips: dict[int, Strip] = {}
        self._styles: dict[Tone, Style] = {}

    def compose(self) -> ComposeResult:
        """No children: the lines are all there is."""
        yield from ()

    def line(self, y: int) -> Line:
        """What line `y` of the widget is now. For subclasses."""
        raise NotImplementedError

    def sync(self) -> None:
        """Bring the screen in line with what `line` says now."""
        self.sync_lines(range(self.size.height))

    def sync_lines(self, lines: range) -> None:
        """`sync`, for a caller that knows which lines can have changed."""
        changed = [region for y in lines for region in self._changes(y)]
        if changed:
            self.refresh(*changed)

    def render_line(self, y: int) -> Strip:
        """Line `y` as Textual wants it."""
        if y not in self._painted:
            self._painted[y] = self.line(y)
        if y not in self._strips:
            self._strips[y] = self._strip(self._painted[y])
        return self._strips[y]

    def notify_style_update(self) -> None:
        """Colours have changed: nothing painted holds any more."""
        self._strips.clear()
        self._styles.clear()
        super().notify_style_update()

    def on_resize(self, _: Resize) -> None:
        """Nothing painted at another size holds any more."""
        self.repaint()

    def repaint(self) -> None:
        """Paint everything anew."""
        self._painted.clear()
        self._strips.clear()
        self.refresh()

    def on_click(self, event: Click) -> None:
        """Run the action of the piece that was clicked."""
        action = self.action_at(event.x, event.y)
        if action:
            event.stop()
            self.post_message(self.Pressed(action))

    def action_at(self, x: int, y: int) -> str:
        """The action of the piece at a place, or an empty text."""
        end = 0
        for piece in self._painted.get(y, ()):
            end += cell_len(piece.text)
            if x < end:
                return piece.action
        return ""

    def tone_style(self, tone: Tone) -> Style:
        """How a tone looks in this widget now. Textual forgets it with every repaint, and is slow to find it again."""
        if tone not in self._styles:
            self._styles[tone] = self.get_component_rich_style(f"tone--{tone}")
        return self._styles[tone]

    def _changes(self, y: int) -> list[Region]:
        """Take in what line `y` is now; what of it must be painted again."""
        new, old = self.line(y), self._painted.get(y)
        if new == old:
            return []
        self._painted[y] = new
        self._strips.pop(y, None)
        if old is None:
            return [Region(0, y, self.size.width, 1)]
        return [Region(start, y, end - start, 1) for start, end in _stretches(old, new, self.size.width)]

    def _strip(self, line: Line) -> Strip:
        looks = groupby(line, key=lambda piece: (piece.tone, piece.link, piece.paint))
        segments = [Segment("".join(p.text for p in pieces), self._style(*look)) for look, pieces in looks]
        return Strip(segments).adjust_cell_length(self.size.width, self.tone_style("text"))

    def _style(self, tone: Tone, link: str, paint: Paint | None) -> Style:
        if paint is not None:
            return Style(color=_colour(paint.text), bgcolor=_colour(paint.behind))
        style = self.tone_style(tone)
        return style + Style(link=link) if link else style


def _colour(value: int) -> Color:
    return Color.from_rgb(value >> 16, value >> 8 & 0xFF, value & 0xFF)


def _cells(line: Line, width: int) -> list[Cell]:
    """A line cell by cell: what stands there, and its look. Spaces look alike in most tones.

    The second half of a wide character is an empty text; a mark without width belongs to the cell before it.
    """
    cells: list[Cell] = []
    for piece in line:
        look = f"{piece.tone}{piece.link}" if piece.paint is None else str(piece.paint)
        blank = "" if piece.paint is None and piece.tone not in _SEEN_SPACES else look
        for character in piece.text:
            size = 1 if character.isascii() else cell_len(character)
            if size:
                cells.append((character, blank if character == " " else look))
                cells.extend([("", character)] * (size - 1))
            elif cells:
                text, before = cells[-1]
                cells[-1] = (text, before + character)
    return (cells + [(" ", "")] * (width - len(cells)))[:width]


def _stretches(old: Line, new: Line, width: int) -> list[tuple[int, int]]:
    """The stretches of cells in which two lines differ, no wide character cut.

    Only the pieces that differ are looked at cell by cell: of a row in a list that is its clock.
    """
    head = _alike(old, new)
    before, after = old[head:], new[head:]
    tail = _alike(before[::-1], after[::-1])
    inner = before[: len(before) - tail], after[: len(after) - tail]
    if _size(inner[0]) == _size(inner[1]):
        before, after = inner
    offset = _size(old[:head])
    room = max(0, width - offset)
    found = _differing(_cells(before, room), _cells(after, room))
    return [(start + offset, end + offset) for start, end in found]


def _alike(old: Line, new: Line) -> int:
    """How many pieces two lines begin with in common, but for the last that has a cell, and what follows it: a mark
    without width that comes next belongs to that cell.
    """
    count = next((n for n, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
    count -= 1
    while count > 0 and not _size(old[count : count + 1]):
        count -= 1
    return max(0, count)


def _size(line: Line) -> int:
    """How many cells a line takes, as `_cells` counts them."""
    return sum(len(p.text) if p.text.isascii() else sum(map(cell_len, p.text)) for p in line)


def _differing(old: list[Cell], new: list[Cell]) -> list[tuple[int, int]]:
    """The stretches in which cells differ. Near ones are one: to jump costs bytes, too."""
    stretches: list[tuple[int, int]] = []
    for x in (x for x, (before, after) in enumerate(zip(old, new, strict=True)) if before != after):
        start, end = _whole(x, old, new)
        if stretches and start - stretches[-1][1] <= _JUMP:
            start, end = stretches.pop()[0], end
        stretches.append((start, end))
    return stretches


def _whole(x: int, old: list[Cell], new: list[Cell]) -> tuple[int, int]:
    """A cell and what belongs to it: the halves of wide characters before and after the change."""
    start, end = x, x + 1
    while start > 0 and "" in (old[start][0], new[start][0]):
        start -= 1
    while end < len(new) and "" in (old[end][0], new[end][0]):
        end += 1
    return start, end
