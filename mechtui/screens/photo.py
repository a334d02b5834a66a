"""One photo, as large as the screen is."""

from typing import ClassVar, Protocol

from textual.binding import Binding, BindingType

from mechtui.changes import Change
from mechtui.formatting import Line, Piece, one_line, width_of
from mechtui.models import FileInfo
from mechtui.pictures import Picture, picture_lines
from mechtui.screens.panel import Panel
from mechtui.widgets.bars import KeyHint


class Album(Protocol):
    """What is asked of `mechtui.screens.photos.Photos`."""

    shown: bool

    def picture(self, row_id: str, file: FileInfo) -> Picture | None:
        """The small picture of a file, when it is here."""

    def saved(self, row_id: str, file: FileInfo) -> str:
        """How far its saving has come."""

    def save(self, row_id: str, file: FileInfo) -> None:
        """Save it."""


class PhotoPanel(Panel[None]):
    """The pictures among some files, one at a time, beginning with the one at `place`."""

    KEYS = (
        KeyHint("Enter", "save", "save", True),
        KeyHint("← →", "another", "down"),
        KeyHint("Esc", "close", "close", True),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,up,k", "do('up')", show=False),
        Binding("right,down,j", "do('down')", show=False),
        Binding("enter,d", "do('save')", show=False),
        Binding("space", "do('close')", show=False),
    ]

    def __init__(self, album: Album, row_id: str, files: tuple[FileInfo, ...], place: int) -> None:
        super().__init__(classes="whole")
        self._album = album
        self._row_id = row_id
        self._files = [file for file in files if file.picture]
        self._place = self._files.index(files[place])
        self._lines = 0

    def give_room(self, height: int) -> None:
        """All lines but those of the frame and the keys are the picture's."""
        self._lines = max(2, height - 3)
        self.pager.styles.max_height = self._lines

    def heading(self) -> str:
        """Which one it is, and how its saving goes."""
        file = self._files[self._place]
        saved = self._album.saved(self._row_id, file)
        return f"{self._place + 1} of {len(self._files)}   {one_line(file.name)}   {saved}"

    def text(self, width: int) -> list[Line]:
        """The picture, in the middle."""
        picture = self._album.picture(self._row_id, self._files[self._place])
        if picture is None:
            return [(Piece(" Loading ...", "dim"),)]
        lines = picture_lines(picture, width, self._lines)
        margin = Piece(" " * ((width - width_of(lines[0])) // 2))
        return [(margin, *line) for line in lines]

    def refresh_from(self, change: Change) -> None:
        """The picture has come, or its saving gone further."""
        if self._row_id in change.ids:
            self.refresh_text()

    def do_up(self) -> None:
        """The one before."""
        self._go(-1)

    def do_down(self) -> None:
        """The one after."""
        self._go(1)

    def do_save(self) -> None:
        """Save it."""
        self._album.save(self._row_id, self._files[self._place])

    def _go(self, places: int) -> None:
        self._place = (self._place + places) % len(self._files)
        self.refresh_text()
