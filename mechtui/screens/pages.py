"""Completed and History, read page by page into the store."""

from collections.abc import Callable
from datetime import datetime

from mechtui.api_client import Filters
from mechtui.api_errors import ApiError
from mechtui.changes import Change, Loading, Step
from mechtui.filters import filters_of
from mechtui.models import HistoryRow, Page, Session
from mechtui.rows import Tab
from mechtui.screens.ports import Client
from mechtui.search.syntax import Query
from mechtui.store import Store

PAGE_ROWS = 50


class Pages:
    """Reads pages with `client`; `tell` is given each change of the store."""

    def __init__(self, store: Store, client: Client, tell: Callable[[Change], None]) -> None:
        self._store = store
        self._client = client
        self._tell = tell

    def is_needed(self, tab: Tab) -> bool:
        """Whether nothing was read yet for the filter of this tab."""
        reach = self._store.reach.get(tab)
        if reach is None:
            return False
        stale = reach.filter_text != self._store.rows(tab).filter_text
        return stale or reach.loading in {Loading.NOT_YET, Loading.FAILED}

    def was_read(self, tab: Tab) -> bool:
        """Whether anything of this tab was read, or tried to be."""
        return tab in self._store.reach and self._store.reach[tab].loading is not Loading.NOT_YET

    async def first(self, tab: Tab) -> None:
        """Read the first page for the filter of this tab."""
        await self._read(tab, Step.FIRST, Filters())

    async def last(self, tab: Tab) -> None:
        """Read the last page."""
        await self._read(tab, Step.LAST, Filters(back=True))

    async def day(self, tab: Tab, at: datetime) -> None:
        """Read the page that begins with the first row older than a moment; with none so old, the last one."""
        await self._read(tab, Step.DAY, Filters(at=at))
        if not len(self._store.rows(tab).held):
            await self.last(tab)

    async def on(self, tab: Tab) -> None:
        """Read the next page, unless there is none or one is on its way."""
        reach = self._store.reach[tab]
        if reach.cursor is not None and reach.loading is not Loading.UNDER_WAY:
            await self._read(tab, Step.ON, Filters(cursor=reach.cursor))

    async def back(self, tab: Tab) -> None:
        """Read the page before those held, unless there is none or one is on its way."""
        reach = self._store.reach[tab]
        if reach.back is not None and reach.loading is not Loading.UNDER_WAY:
            await self._read(tab, Step.BACK, Filters(cursor=reach.back, back=True))

    async def count(self, tab: Tab, query: Query) -> int:
        """How many rows of a tab a query finds. Raises `ApiError`."""
        return (await self._ask(tab, {**filters_of(query), "limit": 1})).total

    async def _read(self, tab: Tab, step: Step, place: Filters) -> None:
        rows = self._store.rows(tab)
        text = rows.filter_text
        filters: Filters = {**filters_of(rows.query), **place, "limit": PAGE_ROWS}
        self._tell(self._store.page_asked(tab))
        try:
            page = await self._ask(tab, filters)
        except ApiError as error:
            self._tell(self._store.page_failed(tab, text, str(error)))
        else:
            self._tell(self._store.apply_page(tab, text, page, step))

    async def _ask(self, tab: Tab, filters: Filters) -> Page[Session] | Page[HistoryRow]:
        return await (self._client.completed if tab is Tab.COMPLETED else self._client.history)(**filters)
