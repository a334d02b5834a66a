"""Exporting a list from the dashboard: all its rows, those not read yet, too."""

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from textual.app import App

from mechtui.api_client import Filters
from mechtui.api_errors import ApiError
from mechtui.export import Ask, ExportForm, export
from mechtui.models import HistoryRow, Page, Session
from mechtui.receiving import SavingError, receiving
from mechtui.rows import Tab
from mechtui.screens.export import ExportPanel
from mechtui.screens.ports import Client
from mechtui.store import Store
from mechtui.text import SafeText
from mechtui.wording import TAB_NAMES

TOLD_ROWS = 1000
"""How far it is, is told once in so many rows."""


class Exporting:
    """Asks for the form, then exports in the background, on behalf of the app."""

    def __init__(self, app: App[Any], store: Store, client: Client, folder: Path) -> None:
        self._app = app
        self._store = store
        self._client = client
        self._folder = folder

    def export(self, tab: Tab) -> None:
        """Export the rows of a tab that its filter lets through."""
        rows = self._store.rows(tab)
        what = f"{TAB_NAMES[tab]}: {rows.filter_text or 'all of it'}"

        def chosen(form: ExportForm | None) -> None:
            if form is not None:
                self._run(self._export(tab, form))

        self._app.push_screen(ExportPanel(SafeText(what), self._folder), chosen)

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        self._app.run_worker(work, group="export")

    async def _export(self, tab: Tab, form: ExportForm) -> None:
        try:
            with receiving(self._folder, f"{tab} {self._store.now:%Y-%m-%d}.{form}") as received:
                count = await export(self._ask(tab), self._store.rows(tab).query, form, received.part, self._tell())
        except ApiError as error:
            self._app.notify(str(error), title="Not exported", severity="warning", markup=False)
        except SavingError as error:
            self._app.notify(SafeText(str(error)), title="Not exported", severity="warning", markup=False)
        else:
            path = SafeText(str(received.path))
            self._app.notify(f"{count:,} sessions: {path}", title="Exported", markup=False)

    def _ask(self, tab: Tab) -> Ask:
        async def shown(_: Filters) -> Page[Session]:
            rows = self._store.rows(tab)
            items = tuple(rows.rows[row_id] for row_id in rows.shown)
            return Page(items=items, total=len(items), seq=0, server_now=self._store.now)

        async def asked(filters: Filters) -> Page[Session] | Page[HistoryRow]:
            return await (self._client.completed if tab is Tab.COMPLETED else self._client.history)(**filters)

        return asked if tab in self._store.reach else shown

    def _tell(self) -> Callable[[int, int], None]:
        def tell(written: int, total: int) -> None:
            if written < total and written % TOLD_ROWS == 0:
                self._app.notify(f"{written:,} of {total:,}", title="Exporting", markup=False, timeout=2)

        return tell
