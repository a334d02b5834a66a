"""The files of an intake: photos to look at, and all of them to save."""

from typing import ClassVar

from textual.binding import Binding, BindingType

from mechtui.api_errors import ApiError
from mechtui.changes import Change
from mechtui.facts import paragraph, size_words
from mechtui.formatting import Line, Piece, fit, one_line
from mechtui.key_names import Named
from mechtui.models import FileInfo, Session
from mechtui.pictures import Picture, picture_lines
from mechtui.screens.listing import ListPanel
from mechtui.screens.panel import bound
from mechtui.screens.photo import Album, PhotoPanel
from mechtui.screens.ports import Client
from mechtui.text import safe_model
from mechtui.widgets.bars import KeyHint

_NAME_WIDTH = 34
_LIST_LINES = 5
"""So many files are listed at once where a picture stands below."""
_AROUND = 5
"""Lines of the screen that are neither list nor picture: the frame, the keys, and what keeps them apart."""


class FilesPanel(ListPanel):
    """The list of files, and the marked picture below it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,d", "do('save')", show=False),
        Binding("space", "do('look')", show=False),
        bound("files", "close"),
    ]

    def __init__(self, client: Client, album: Album, row: Session, key: Named) -> None:
        super().__init__(key)
        self._client = client
        self._album = album
        self._row = row
        self._files: tuple[FileInfo, ...] = ()
        self._read = False
        self._room = 0

    def give_room(self, height: int) -> None:
        """The list takes its lines, the picture what is left."""
        self._room = max(2, height - _AROUND - min(_LIST_LINES, max(1, len(self._files))))
        self.chooser.styles.max_height = _LIST_LINES
        self.pager.styles.max_height = self._room

    def heading(self) -> str:
        """How many there are, and whose."""
        count = f"{len(self._files)} {'file' if len(self._files) == 1 else 'files'}   " if self._read else ""
        return f"{count}{one_line(self._row.customer_name)}, {one_line(self._row.vehicle.label)}"

    def hints(self) -> list[KeyHint]:
        """The keys that do something."""
        look = [KeyHint("Space", "large", "look")] if self._picture() else []
        save = [KeyHint("Enter", "save", "save", True)] if self._files else []
        return [*save, *look, KeyHint("↑ ↓", "another", "down"), KeyHint("Esc", "close", "close", True)]

    def told(self, width: int) -> list[Line]:
        """The marked picture, or in words what there is instead."""
        if not self._files:
            return paragraph("No files came with this request." if self._read else "Loading ...", width, "dim")
        picture = self._picture()
        if picture is None:
            return [(), *paragraph(self._instead(), width, "dim")]
        lines = picture_lines(picture, width - 2, self._room - 1)
        return [(), *((Piece(" "), *line) for line in lines)]

    def refresh_from(self, change: Change) -> None:
        """A picture has come, or a saving gone further."""
        if self._row.id in change.ids:
            self._show()

    def do_save(self) -> None:
        """Save the marked file."""
        if self._files:
            self._album.save(self._row.id, self._files[self.chooser.place])

    def do_look(self) -> None:
        """Show the marked picture as large as the screen is."""
        if self._picture():
            self.app.push_screen(PhotoPanel(self._album, self._row.id, self._files, self.chooser.place))

    def do_retry(self) -> None:
        """Ask the backend what files there are."""
        if not self._files:
            self.run_worker(self._load(), exclusive=True)

    def _picture(self) -> Picture | None:
        return self._album.picture(self._row.id, self._files[self.chooser.place]) if self._files else None

    def _instead(self) -> str:
        if not self._files[self.chooser.place].picture:
            return "No picture can be shown of this one. Enter saves it."
        if not self._album.shown:
            return "A photo. This terminal shows too few colours for it; Enter saves it."
        return "Loading ..."

    def _show(self) -> None:
        self.chooser.renew([self._line(file) for file in self._files])
        self.refresh_text()

    def _line(self, file: FileInfo) -> Line:
        kind = "photo" if file.picture else one_line(file.mime or "file")
        saved = self._album.saved(self._row.id, file)
        return (
            Piece(fit(one_line(file.name), _NAME_WIDTH)),
            Piece(f" {size_words(file.bytes):>9}  {fit(kind, 14)}", "dim"),
            Piece(saved, "warn" if saved == "NOT SAVED" else "good"),
        )

    async def _load(self) -> None:
        try:
            intake = safe_model(await self._client.intake(self._row.id))
        except ApiError as error:
            self.why = str(error)
        else:
            self.why, self._read, self._files = "", True, intake.files
            self.give_room(self.size.height)
            self.chooser.offer([self._line(file) for file in self._files])
            self.chooser.refresh(layout=True)
        self.refresh_text()
