"""All that is known of a session: what the customer filled in, and what happened since."""

from dataclasses import replace
from typing import ClassVar

from textual.binding import BindingType

from mechtui.actions import Context
from mechtui.api_errors import ApiError
from mechtui.cells import Look, clock_piece, leaving_words, offer_clock, status_piece
from mechtui.changes import Change
from mechtui.facts import booked, intake_lines, paragraph
from mechtui.formatting import Line, compact, one_line
from mechtui.key_names import Scope
from mechtui.models import ACTIVE, Intake, Session, SessionDetail, Status
from mechtui.rows import Tab
from mechtui.screens.desk import Desk
from mechtui.screens.panel import Panel, bindings_for
from mechtui.screens.ports import Client
from mechtui.store import Store
from mechtui.text import safe_model
from mechtui.widgets.bars import KeyHint, hints_of


class IntakePanel(Panel[None], inherit_bindings=False):
    """The intake of one session of a tab. The keys of the lists mean the same in here."""

    BINDINGS: ClassVar[list[BindingType]] = bindings_for(Scope.INTAKE)

    def __init__(self, desk: Desk, store: Store, client: Client, tab: Tab, row: Session) -> None:
        super().__init__()
        self._desk = desk
        self._store = store
        self._client = client
        self._tab = tab
        self._row = row
        self._told_of = row
        self._intake: Intake | None = None
        self._detail: SessionDetail | None = None
        self._why = ""

    @property
    def row(self) -> Session:
        """The session as it stands now."""
        return self._store.row(self._tab, self._row.id) or self._row

    def on_mount(self) -> None:
        """Read it, and let the others know."""
        self._read()
        self._desk.reading(self._row.id)

    def on_unmount(self) -> None:
        """It is read no longer."""
        self._desk.reading(None)

    def context(self) -> Context:
        """What is possible from in here."""
        context = self._desk.context(self._tab, self.row)
        vin = (self._intake.vin if self._intake else None) or ""
        return context.within_intake(one_line(vin))

    def heading(self) -> str:
        """What was booked, and what its clock says."""
        return f"{'!!! URGENT  ' if self.row.urgent else ''}{booked(self.row)}   {self._standing()}"

    def hints(self) -> list[KeyHint]:
        """The keys that do something here and now."""
        return hints_of(self._store.keymap.footer(self.context()))

    def text(self, width: int) -> list[Line]:
        """The intake, or why it is not to be seen."""
        if self._why:
            return [*paragraph(self._why, width, "warn"), (), *self.tries_again(self._store.keymap.name, width)]
        if self._intake is None:
            return paragraph("Loading ...", width, "dim")
        return intake_lines(self.row, self._intake, self._detail, self._look(), width)

    def tick(self) -> None:
        """The clock in the heading runs."""
        self.refresh_text(layout=False)

    def refresh_from(self, change: Change) -> None:
        """The session may have changed, and with it what is possible; its events are read again."""
        if self._row.id not in change.ids:
            return
        if self.row != self._told_of:
            self.refresh_text(layout=False)
            self._read()
        else:
            self.refresh_text()

    def _standing(self) -> str:
        leaving = self._store.leaving.get(self._row.id)
        if leaving is not None:
            return leaving_words(leaving, self._store.now)
        row, now = self.row, self._store.now
        if row.is_offer:
            return f"{status_piece(row, now).text}   {offer_clock(row, now).text}"
        if row.status in ACTIVE:
            return f"{status_piece(row, now).text}   {clock_piece(row, now).text}"
        if row.status == Status.PENDING and self._tab is Tab.INCOMING:
            return f"{compact((row.expires_at - now).total_seconds())} left"
        return row.status.upper()

    def _look(self) -> Look:
        files = self._intake.files if self._intake else ()
        pictures = self._desk.photos.pictures(self._row.id, files)
        return replace(self._desk.look(), earlier=self._desk.known.earlier(self._row.id), pictures=pictures)

    def _read(self) -> None:
        self._told_of = self.row
        self.run_worker(self._load(), group="intake", exclusive=True)

    async def _load(self) -> None:
        try:
            intake = await self._client.intake(self._row.id)
            detail = await self._client.session(self._row.id)
        except ApiError as error:
            self._why = str(error)
        else:
            self._intake, self._detail, self._why = safe_model(intake), safe_model(detail), ""
        self.refresh_text()

    # --- actions ----------------------------------------------------------------------------------------------

    def about_row(self, action_id: str) -> None:
        """Run an action on this session."""
        self.dismiss(None)
        self._desk.triage.actions[action_id](self.row)

    def do_accept(self) -> None:
        """Take the request; the list shows how it goes."""
        self.dismiss(None)
        self._desk.in_hand.accept(self.row)

    def do_open(self) -> None:
        """Open the session's page."""
        self._desk.in_hand.open_page(self.row)

    def do_release(self) -> None:
        """Give the session back."""
        self.dismiss(None)
        self._desk.in_hand.release(self.row)

    def do_end(self) -> None:
        """End the session."""
        self.dismiss(None)
        self._desk.in_hand.end(self.row)

    def do_summary(self) -> None:
        """Write the session's summary."""
        self.dismiss(None)
        self._desk.afterwards.summarize(self.row)

    def do_report(self) -> None:
        """Save the session's report."""
        self._desk.afterwards.report(self.row)

    def do_copy(self) -> None:
        """Copy the page's address, or the VIN."""
        self._desk.in_hand.copy(self.row, self.context().vin)

    def do_retry(self) -> None:
        """Ask the backend again."""
        self._desk.retry()
        self._read()

    def do_files(self) -> None:
        """The photos and files."""
        self._desk.photos.show_files(self.row)

    def do_earlier(self) -> None:
        """What was before."""
        self._desk.known.show_earlier(self.row, self._desk.look())

    def do_help(self) -> None:
        """The keys of this panel."""
        self._desk.help(self.context())

    def do_palette(self) -> None:
        """The actions of this panel by name."""
        self._desk.palette(Scope.INTAKE, self.context(), self.action_do)
