"""Small pictures of the files of intakes, and saving a file: read and written in the background."""

from collections.abc import Callable, Mapping
from pathlib import Path

from textual.app import App

from mechtui.api_errors import ApiError
from mechtui.changes import Change
from mechtui.formatting import one_line
from mechtui.key_names import Named
from mechtui.models import FileInfo, Session
from mechtui.pictures import Picture, PictureError, decode
from mechtui.receiving import SavingError, receiving
from mechtui.screens.ports import Client

KEPT = 64
"""So many pictures are kept, about 30 KB each."""

Place = tuple[str, str]


def shows_pictures(app: App[int]) -> bool:
    """Whether the terminal has colours enough: with 16, or none wanted, a picture would only be noise."""
    return not app.no_color and app.console.color_system in {"256", "truecolor"}


class Photos:
    """The pictures and files of sessions. `tell` is told when a picture is here, or a saving has come further."""

    def __init__(self, app: App[int], client: Client, folder: Path, tell: Callable[[Change], None], key: Named) -> None:
        self._app = app
        self._client = client
        self._tell = tell
        self._key = key
        self._pictures: dict[Place, Picture | None] = {}
        self._saving: dict[Place, str] = {}
        self._folder = folder
        self.shown = shows_pictures(app)

    def picture(self, row_id: str, file: FileInfo) -> Picture | None:
        """The small picture of a file; nothing yet where it is only being read, or where there is none."""
        place = (row_id, file.id)
        if self.shown and file.picture and place not in self._pictures:
            self._pictures[place] = None
            self._app.run_worker(self._read(place), group="pictures")
        return self._pictures.get(place)

    def pictures(self, row_id: str, files: tuple[FileInfo, ...]) -> Mapping[str, Picture]:
        """Those of a session that are here, by file."""
        found = {file.id: self.picture(row_id, file) for file in files}
        return {file_id: picture for file_id, picture in found.items() if picture is not None}

    def show_files(self, row: Session) -> None:
        """All files of a session, in a panel."""
        from mechtui.screens.files import FilesPanel

        self._app.push_screen(FilesPanel(self._client, self, row, self._key))

    def saved(self, row_id: str, file: FileInfo) -> str:
        """How far the saving of a file has come, in words; empty when nobody asked for it."""
        return self._saving.get((row_id, file.id), "")

    def save(self, row_id: str, file: FileInfo) -> None:
        """Save a file in the folder for downloads. It goes on when the panel is closed."""
        if not self.saved(row_id, file).endswith("%"):
            self._app.run_worker(self._save(row_id, file), group="saving")

    async def _read(self, place: Place) -> None:
        try:
            picture = decode(await self._client.thumb(*place))
        except (ApiError, PictureError):
            # It stands for the file, whose name and size are there; looking again asks again.
            self._pictures.pop(place, None)
            return
        while len(self._pictures) >= KEPT:
            del self._pictures[next(iter(self._pictures))]
        self._pictures[place] = picture
        self._tell(Change(ids=frozenset({place[0]})))

    async def _save(self, row_id: str, file: FileInfo) -> None:
        def progress(done: int) -> None:
            self._say((row_id, file.id), f"{min(99, done * 100 // max(1, file.bytes))}%")

        progress(0)
        try:
            with receiving(self._folder, file.name) as saved:
                await self._client.download(row_id, file.id, saved.part, progress)
        except (ApiError, SavingError) as error:
            self._say((row_id, file.id), "NOT SAVED")
            self._app.notify(str(error), title="Not saved", severity="warning", markup=False)
        else:
            self._say((row_id, file.id), "saved")
            self._app.notify(one_line(str(saved.path)), title="Saved", markup=False)

    def _say(self, place: Place, words: str) -> None:
        self._saving[place] = words
        self._tell(Change(ids=frozenset({place[0]})))
