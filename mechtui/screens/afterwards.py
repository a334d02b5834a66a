"""What follows a session: its summary with the draft of it, its report, the figures, exports."""

import asyncio
from collections.abc import Callable, Coroutine, Set
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from textual.app import App

from mechtui.actions import why_not_sent
from mechtui.api_errors import ApiError
from mechtui.changes import Change
from mechtui.drafts import Draft
from mechtui.models import Report, Session, SummaryRequest
from mechtui.rows import Tab
from mechtui.saving import save_new
from mechtui.screens.ports import Client
from mechtui.screens.wishes import NotDone, Wishes
from mechtui.store import Store
from mechtui.text import SafeText
from mechtui.wording import called

if TYPE_CHECKING:
    from mechtui.report import Form
    from mechtui.screens.summary import SummaryPanel

Tell = Callable[[Change], None]


class DraftBox(Protocol):
    """What is asked of `mechtui.drafts.Drafts`."""

    def load(self, session_id: str) -> Draft:
        """The draft of a session, or an empty one."""

    def save(self, session_id: str, draft: Draft) -> None:
        """Keep a draft."""

    def remove(self, session_id: str) -> None:
        """Forget a draft."""

    def ids(self) -> frozenset[str]:
        """The sessions there is a draft of."""


@dataclass(frozen=True)
class Keeps:
    """What this terminal keeps on disk: drafts, and in `downloads` what one saves."""

    drafts: DraftBox
    downloads: Path


class Afterwards:
    """Carries out, for all screens, the actions on sessions that are over."""

    def __init__(self, app: App[Any], store: Store, client: Client, wishes: Wishes, keeps: Keeps, tell: Tell) -> None:
        self._app = app
        self._client = client
        self._folder = keeps.downloads
        self._store = store
        self._wishes = wishes
        self._drafts = keeps.drafts
        self._tell = tell
        self._writing = asyncio.Lock()
        self._sending: set[str] = set()

    def begin(self) -> None:
        """Look which drafts there are."""
        try:
            self._store.drafts = self._drafts.ids()
        except OSError as error:
            self._complain("Drafts cannot be read", error.strerror or str(error))

    def tidy(self, ids: Set[str]) -> None:
        """A draft whose summary was sent, from here or anywhere, is of no use any more."""
        for session_id in self._store.drafts & ids:
            row = self._store.find(session_id)
            if row is not None and row.has_summary:
                self._run(self._keep(session_id, Draft()))

    def summarize(self, row: Session) -> None:
        """Write the summary of a completed session, from its draft if there is one."""
        from mechtui.screens.summary import SummaryPanel

        try:
            draft = self._drafts.load(row.id)
        except OSError as error:
            self._complain("The draft cannot be read", error.strerror or str(error))
            return
        self._app.push_screen(SummaryPanel(self, row, draft))

    def keep_draft(self, row: Session, draft: Draft) -> None:
        """Keep what was written so far."""
        self._run(self._keep(row.id, draft))

    def send_summary(self, panel: "SummaryPanel", row: Session, summary: SummaryRequest) -> None:
        """Send it, where there is a line; once, however often the key is pressed."""
        reason = why_not_sent(self._store.state, self._store.keymap.name)
        if reason is not None:
            self._complain("Not sent, the draft is kept", reason)
        elif row.id not in self._sending:
            self._run(self._send(panel, row, summary))

    def report(self, row: Session) -> None:
        """Save the report of a completed session in the form that is chosen."""
        from mechtui.screens.report import ReportPanel

        def chosen(form: "Form | None") -> None:
            if form is not None:
                self._run(self._report(row, form))

        self._app.push_screen(ReportPanel(row, self._folder), chosen)

    def stats(self, show: Callable[[Tab, str], None]) -> None:
        """Show the mechanic's own figures; `show` is given where the sessions of a mark are, and what finds them."""
        from mechtui.screens.stats import StatsPanel
        from mechtui.stats_lines import Mark

        def chosen(mark: Mark | None) -> None:
            if mark is not None:
                show(mark.tab, mark.query)

        self._app.push_screen(StatsPanel(self._store, self._client), chosen)

    def export(self, tab: Tab) -> None:
        """Export a list, with the rows not read yet."""
        from mechtui.screens.exporting import Exporting

        Exporting(self._app, self._store, self._client, self._folder).export(tab)

    # --- how it is done ---------------------------------------------------------------------------------------

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        self._app.run_worker(work, group="afterwards")

    async def _send(self, panel: "SummaryPanel", row: Session, summary: SummaryRequest) -> None:
        self._sending.add(row.id)
        try:
            outcome = await self._wishes.summarize(row.id, summary)
        finally:
            self._sending.discard(row.id)
        if isinstance(outcome, NotDone):
            self._complain(outcome.title, f"{outcome.words} The draft is kept.")
            if not outcome.unknown:
                return
        else:
            self._app.notify(
                f"{called(row)}. The report is made with {self._store.keymap.name('report')}.",
                title="Summary sent",
                markup=False,
            )
        if panel.is_current:
            panel.dismiss(None)

    async def _keep(self, session_id: str, draft: Draft) -> None:
        """Write drafts one after the other, in the order they were typed."""
        async with self._writing:
            try:
                await asyncio.to_thread(self._drafts.save, session_id, draft)
            except OSError as error:
                self._complain("The draft is not on disk", error.strerror or str(error))
                return
        before = self._store.drafts
        self._store.drafts = before | {session_id} if draft else before - {session_id}
        if before != self._store.drafts:
            self._tell(Change(ids=frozenset({session_id}), tabs=frozenset(self._store.reach)))

    async def _report(self, row: Session, form: "Form") -> None:
        try:
            report = await self._client.report(row.id)
            path = await asyncio.to_thread(self._saved, report, form)
        except ApiError as error:
            self._complain("No report", str(error))
        except OSError as error:
            self._complain("The report could not be saved", f"{self._folder}: {error.strerror or error}")
        else:
            self._app.notify(SafeText(str(path)), title="Report saved", markup=False)

    def _saved(self, report: Report, form: "Form") -> Path:
        from mechtui.report import file_name, make

        zone = self._store.clock.zone
        return save_new(self._folder, file_name(report, form, zone), make(report, form, zone))

    def _complain(self, title: str, words: str) -> None:
        self._app.notify(words, title=title, severity="warning", markup=False)
