"""What is known of a session besides its row: what was before, and how well it fits this mechanic."""

from collections.abc import Callable

from textual.app import App
from textual.worker import WorkType

from mechtui.api_errors import ApiError
from mechtui.cells import Look
from mechtui.changes import Change
from mechtui.earlier import EarlierPage
from mechtui.fit import Fit, Profile, fit_of
from mechtui.models import Session
from mechtui.rows import Tab
from mechtui.screens.ports import Client
from mechtui.store import Store
from mechtui.text import safe_model

AGAIN_SECONDS = 10.0
"""A question that got no answer is asked again after so long, if somebody still looks."""
KEPT = 200
"""Of so many sessions what was before is kept."""


class Known:
    """What was before, by session: read once, in the background; `tell` is told when it is here.

    `show_intake` shows all of an ended session of ours.
    """

    def __init__(
        self,
        app: App[int],
        store: Store,
        client: Client,
        tell: Callable[[Change], None],
        show_intake: Callable[[Session], None],
    ) -> None:
        self._app = app
        self._store = store
        self._client = client
        self._tell = tell
        self._show_intake = show_intake
        self._pages: dict[str, EarlierPage] = {}
        self._asked_at: dict[str, float] = {}
        self._profile = Profile()

    def earlier(self, row_id: str) -> EarlierPage | None:
        """The latest of what was before a session; nothing yet where it is only being asked now."""
        if row_id not in self._pages and self._is_due(row_id):
            self._asked_at[row_id] = self._store.clock.steady()
            self._app.run_worker(self._read(row_id), group="known")
        return self._pages.get(row_id)

    def fit(self, row: Session) -> Fit:
        """How well a request fits, as far as is known by now."""
        return fit_of(row, self._profile, self._pages.get(row.id))

    def learn(self) -> None:
        """Read, in the background, what the mechanic has done so far; without it requests fit as well as they did."""
        read: WorkType[None] = self._read_profile
        self._app.run_worker(read, group="profile", exclusive=True)

    async def _read_profile(self) -> None:
        try:
            self._profile = safe_model(await self._client.profile())
        except ApiError:
            # It is read again with the next snapshot; the line's own state is told elsewhere.
            return
        self._tell(Change(tabs=frozenset({Tab.INCOMING})))

    def show_earlier(self, row: Session, look: Look) -> None:
        """All of what was before, in a panel."""
        from mechtui.screens.earlier import EarlierPanel

        self._app.push_screen(EarlierPanel(self._client, row, look, self._show_intake))

    def _is_due(self, row_id: str) -> bool:
        asked_at = self._asked_at.get(row_id)
        return asked_at is None or self._store.clock.steady() - asked_at > AGAIN_SECONDS

    async def _read(self, row_id: str) -> None:
        try:
            page = await self._client.earlier(row_id)
        except ApiError:
            # Nobody asked for it: whoever does is told why it is not to be had.
            return
        while len(self._pages) >= KEPT:
            del self._pages[next(iter(self._pages))]
        self._pages[row_id] = safe_model(page)
        self._tell(Change(ids=frozenset({row_id})))
