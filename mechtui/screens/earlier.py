"""What was before: earlier sessions of this vehicle and of this customer."""

from collections.abc import Callable
from typing import ClassVar

from textual.binding import Binding, BindingType

from mechtui.api_errors import ApiError
from mechtui.cells import Look
from mechtui.earlier import Earlier
from mechtui.facts import paragraph
from mechtui.formatting import Line, one_line
from mechtui.models import Session
from mechtui.screens.listing import ListPanel
from mechtui.screens.panel import bound
from mechtui.screens.ports import Client
from mechtui.text import safe_model
from mechtui.vehicle.before import entry_line, entry_lines
from mechtui.widgets.bars import KeyHint


class EarlierPanel(ListPanel):
    """The list of them, and the marked one below it. Enter opens the intake of one that was mine."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "do('confirm')", show=False),
        bound("earlier", "close"),
    ]

    def __init__(self, client: Client, row: Session, look: Look, show: Callable[[Session], None]) -> None:
        super().__init__(look.key)
        self._client = client
        self._row = row
        self._look = look
        self._show = show
        self._items: list[Earlier] = []
        self._cursor: str | None = None
        self._total = 0
        self._read = False

    def give_room(self, height: int) -> None:
        """A third of the height is the list's, the rest tells of the marked one."""
        listed = max(3, height // 3)
        self.chooser.styles.max_height = listed
        self.pager.styles.max_height = max(2, height - 8 - listed)

    def heading(self) -> str:
        """Which vehicle, and how many there are."""
        count = f"   {self._total} earlier" if self._items else ""
        return f"Before: {one_line(self._row.vehicle.label) or one_line(self._row.customer_name)}{count}"

    def told(self, width: int) -> list[Line]:
        """What is told of the marked one."""
        if not self._read:
            return paragraph("Loading ...", width, "dim")
        if not self._items:
            return paragraph("Neither this vehicle nor this customer was here before.", width, "dim")
        return [(), *entry_lines(self._items[self.chooser.place], width)]

    def hints(self) -> list[KeyHint]:
        """The keys that do something."""
        open_it = [KeyHint("Enter", "its intake", "confirm", True)] if self._marked_is_mine() else []
        return [*open_it, KeyHint("↑ ↓", "another", "down"), KeyHint("Esc", "close", "close", True)]

    def do_down(self) -> None:
        """The one after; the last but few read on."""
        super().do_down()
        if self._cursor and self.chooser.place >= len(self._items) - 2:
            self._ask(self._cursor)

    def do_confirm(self) -> None:
        """Open the intake of one that was mine."""
        if self._marked_is_mine():
            self.run_worker(self._open(self._items[self.chooser.place]), exclusive=True)
        elif self._items:
            self.notify("It was a colleague's: no more than this is told of it.", severity="warning", markup=False)

    def do_retry(self) -> None:
        """Ask the backend anew."""
        if not self._items:
            self._ask(None)

    def _marked_is_mine(self) -> bool:
        return bool(self._items) and self._items[self.chooser.place].mine

    def _ask(self, cursor: str | None) -> None:
        self.run_worker(self._load(cursor), group="earlier", exclusive=True)

    async def _load(self, cursor: str | None) -> None:
        try:
            page = safe_model(await self._client.earlier(self._row.id, cursor))
        except ApiError as error:
            self.why = "" if self._items else str(error)
        else:
            self.why, self._read, self._cursor, self._total = "", True, page.next_cursor, page.total
            self._items += page.items
            look = self._look
            self.chooser.extend([entry_line(item, look.me, look.now, look.zone) for item in page.items])
            self.chooser.refresh(layout=True)
        self.refresh_text()

    async def _open(self, item: Earlier) -> None:
        try:
            detail = await self._client.session(item.id)
        except ApiError as error:
            self.notify(str(error), severity="warning", markup=False)
        else:
            self._show(safe_model(detail.session))
