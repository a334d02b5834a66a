"""Offering a session to a colleague: who could take it, why another could not, and a note for him."""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass

from textual.widget import Widget
from textual.widgets import Input

from mechtui.api_errors import ApiError
from mechtui.facts import paragraph
from mechtui.formatting import Line, Piece, fit, one_line
from mechtui.models import Colleague, Colleagues, Session
from mechtui.offers import rank, why_not
from mechtui.screens.choice import ChoicePanel
from mechtui.text import safe_model
from mechtui.widgets.bars import KeyHint
from mechtui.widgets.chooser import Chooser
from mechtui.wording import called

_NAME_WIDTH = 20


@dataclass(frozen=True)
class Offer:
    """To whom, and what for."""

    to: Colleague
    note: str


class HandoverPanel(ChoicePanel[Offer]):
    """Asks to whom a session is offered. `read` gives the colleagues; those who could take it come first."""

    TITLE = "Hand it over?"
    KEYS = (
        KeyHint("↑ ↓", "choose", "down"),
        KeyHint("Enter", "offer it", "confirm", True),
        KeyHint("Esc", "keep it", "close", True),
    )

    def __init__(self, session: Session, read: Callable[[], Awaitable[Colleagues]]) -> None:
        super().__init__()
        self._session = session
        self._read = read
        self._colleagues: list[Colleague] = []
        self._told = "Asking who is there ..."

    def content(self) -> Iterator[Widget]:
        """What it means, the colleagues, and room for a note."""
        yield self.pager
        yield Chooser()
        note = Input(placeholder="a note for your colleague, or just Enter", max_length=500)
        note.display = False
        yield note

    def text(self, width: int) -> list[Line]:
        """Whose session, and that nothing is lost meanwhile."""
        words = "It stays yours until your colleague takes it. You can take the offer back, or make it to another."
        lines: list[Line] = [(Piece(f" {called(self._session)}", "strong"),), (), *paragraph(words, width, "dim")]
        return [*lines, (), *paragraph(self._told, width, "warn")] if self._told else lines

    def on_mount(self) -> None:
        """Keys move the mark; ask who is there."""
        super().on_mount()
        self.run_worker(self._load())

    async def _load(self) -> None:
        try:
            found = safe_model(await self._read()).items
        except ApiError as error:
            self._told = str(error)
        else:
            self._colleagues = sorted(found, key=lambda colleague: rank(colleague, self._session))
            self._told = "" if found else "You have no colleague on this backend."
        chooser = self.query_one(Chooser)
        chooser.offer([self._line(colleague) for colleague in self._colleagues])
        chooser.refresh(layout=True)
        self.refresh_text()

    def _line(self, colleague: Colleague) -> Line:
        reason = why_not(colleague, self._session)
        name = fit(one_line(colleague.name), _NAME_WIDTH)
        return (
            Piece(name, "dim" if reason else "text"),
            Piece(f"  {reason or 'is there'}", "dim" if reason else "good"),
        )

    def do_confirm(self) -> None:
        """The marked colleague it is, if he could; a note is asked for first."""
        if not self._colleagues:
            return
        colleague = self._colleagues[self.query_one(Chooser).place]
        reason = why_not(colleague, self._session)
        if reason:
            self._told = f"{one_line(colleague.name)}: {reason}."
            self.refresh_text()
            return
        self.ask_for_words()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """With a note or without."""
        self.dismiss(Offer(self._colleagues[self.query_one(Chooser).place], event.value.strip()))
