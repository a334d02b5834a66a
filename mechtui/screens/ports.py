"""What the dashboard needs from outside: a client, a feed, something that opens pages. Tests bring their own.

And what those who carry out actions ask of the screens.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from datetime import datetime
from typing import BinaryIO, Literal, Protocol, Unpack

from mechtui.api_client import Filters, Settled
from mechtui.earlier import EarlierPage
from mechtui.figures import Stats
from mechtui.fit import Profile
from mechtui.models import (
    Accepted,
    Availability,
    Available,
    Changed,
    Colleagues,
    HistoryRow,
    Intake,
    Me,
    Page,
    Report,
    Session,
    SessionDetail,
    SummaryRequest,
)
from mechtui.replica import Update
from mechtui.rows import Tab

Severity = Literal["information", "warning", "error"]


class Client(Protocol):
    """What is asked of `mechtui.api_client.MechanicClient`."""

    @property
    def server(self) -> str:
        """The backend's address."""

    async def me(self) -> Me:
        """Whose token this is."""

    async def completed(self, **filters: Unpack[Filters]) -> Page[Session]:
        """A page of his completed sessions."""

    async def history(self, **filters: Unpack[Filters]) -> Page[HistoryRow]:
        """A page of all he had a hand in."""

    async def colleagues(self) -> Colleagues:
        """The other mechanics."""

    async def offer(self, session_id: str, to: str, note: str = "") -> Changed:
        """Offer a session to a colleague."""

    async def withdraw(self, session_id: str) -> Changed:
        """Take the offer back."""

    async def take(self, session_id: str) -> Changed:
        """Take what a colleague offers."""

    async def decline(self, session_id: str, reason: str = "") -> Changed:
        """Say no to it."""

    async def set_availability(self, availability: Availability) -> Available:
        """Say whether he is there."""

    async def profile(self) -> Profile:
        """What he has completed, by type and make."""

    async def session(self, session_id: str) -> SessionDetail:
        """A session with its events."""

    async def intake(self, session_id: str) -> Intake:
        """What the customer filled in."""

    async def earlier(self, session_id: str, cursor: str | None = None) -> EarlierPage:
        """What was before, of the same vehicle or customer."""

    async def report(self, session_id: str) -> Report:
        """All of a completed session that its customer takes home."""

    async def thumb(self, session_id: str, file_id: str) -> bytes:
        """The small picture of a file."""

    async def download(self, session_id: str, file_id: str, to: BinaryIO, progress: Callable[[int], None]) -> None:
        """Write a file to `to` as it comes."""

    async def stats(self, since: datetime, until: datetime) -> Stats:
        """His own figures."""

    async def accept(self, session_id: str) -> Accepted:
        """Take a request."""

    async def join(self, session_id: str) -> Changed:
        """Say that the mechanic is in."""

    async def release(self, session_id: str, reason: str = "") -> Changed:
        """Give a request back."""

    async def end(self, session_id: str, reason: str = "") -> Changed:
        """End a session."""

    async def summarize(self, session_id: str, summary: SummaryRequest) -> Changed:
        """Keep what was found and done."""

    async def pass_on(self, session_id: str, reason: str = "") -> Changed:
        """Take a request out of one's own queue."""

    async def undo_pass(self, session_id: str) -> Changed:
        """Put it back."""

    async def extend(self, session_id: str, minutes: int) -> Changed:
        """Add minutes to a live session."""

    async def settle(self) -> Sequence[Settled]:
        """What became of writes whose answers were lost."""

    async def aclose(self) -> None:
        """Close the connections."""


class FeedSource(Protocol):
    """What is asked of `mechtui.feed.Feed`."""

    def updates(self) -> AsyncGenerator[Update, None]:
        """What happens, for ever."""

    def retry_now(self) -> None:
        """Try to reach the backend at once."""

    def reading(self, session_id: str | None) -> None:
        """Tell the others which intake is open here."""


class PageOpener(Protocol):
    """What is asked of `mechtui.terminal.Opener`."""

    @property
    def can_open(self) -> bool:
        """Whether there is a browser."""

    def open(self, url: str) -> bool:
        """Open a page; whether that was begun."""


class Lists(Protocol):
    """What is asked of the screen with the lists."""

    def show_tab(self, tab: Tab) -> None:
        """Show a tab."""

    def show_session(self, tab: Tab, row_id: str) -> None:
        """Show a tab with the cursor on a session."""

    def stand_at(self, tab: Tab, *, last: bool) -> None:
        """Put the cursor of a tab on the first or the last row held."""

    def show_intake(self, tab: Tab, row: Session) -> None:
        """Show all that is known of a session of a tab."""

    def pass_over(self, row_id: str) -> Session | None:
        """A request was lost: move on from it, and say where to."""


class Say(Protocol):
    """Says something in a toast."""

    def __call__(self, title: str, words: str, severity: Severity = ..., /) -> None:
        """Say it."""
