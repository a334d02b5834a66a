"""The typed client of the backend: a library of its own, which knows neither screen nor server.

    async with MechanicClient("http://127.0.0.1:8420", token) as client:
        page = await client.incoming(type="video")
        try:
            won = await client.accept(page.items[0].id)
        except AlreadyTaken as taken:
            print(taken)                       # who has it, and what to do: every error is fit for people
        else:
            print(page_url(won.session))

What can be raised is drawn in `mechtui.api_errors` and importable from here.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import aclosing
from datetime import datetime
from typing import BinaryIO, Self, Unpack
from urllib.parse import quote

from mechtui.api_calls import Calls, Options
from mechtui.api_errors import (
    AlreadyTaken,
    ApiError,
    Invalid,
    MechanicBusy,
    NoJournal,
    NoPage,
    NotEligible,
    NotFound,
    OfferGone,
    OutcomeUnknown,
    Refused,
    RequestGone,
    SignedOut,
    TooMany,
    TooOld,
    Unreachable,
)
from mechtui.api_filters import Filters, params_of
from mechtui.earlier import EarlierPage
from mechtui.figures import Stats
from mechtui.fit import Profile
from mechtui.frames import Snapshot
from mechtui.journal import Entry
from mechtui.models import (
    Accepted,
    AcceptRequest,
    Answer,
    Availability,
    AvailabilityRequest,
    Available,
    Changed,
    Colleagues,
    ExtendRequest,
    Health,
    HistoryRow,
    Intake,
    Me,
    OfferRequest,
    Page,
    RateRequest,
    ReasonRequest,
    Report,
    Session,
    SessionDetail,
    SubmitRequest,
    Submitted,
    SummaryRequest,
    session_url,
)
from mechtui.session_page import page_url
from mechtui.settled import REPEAT_SECONDS, Settled, Verdict, settled, what_of

__all__ = [
    "AlreadyTaken",
    "ApiError",
    "DeskClient",
    "Filters",
    "Invalid",
    "MechanicBusy",
    "MechanicClient",
    "NoJournal",
    "NoPage",
    "NotEligible",
    "NotFound",
    "OfferGone",
    "Options",
    "OutcomeUnknown",
    "Refused",
    "RequestGone",
    "Settled",
    "SignedOut",
    "TooMany",
    "TooOld",
    "Unreachable",
    "Verdict",
    "page_url",
    "session_url",
]


class _Carried(Answer):
    """What the answers of all writes have in common: the session, where it was about one."""

    session: Session | None = None


class _Client:
    """What every kind of token may ask. An async context manager, or close it with `aclose`."""

    def __init__(self, server: str, token: str, **options: Unpack[Options]) -> None:
        self._calls = Calls(server, token, **options)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.aclose()

    @property
    def server(self) -> str:
        """The backend's address."""
        return self._calls.server

    async def aclose(self) -> None:
        """Close the connections. A client may be used again after that; it opens new ones."""
        await self._calls.aclose()

    async def health(self) -> Health:
        """What the backend says of itself."""
        return await self._calls.read(Health, "/api/health")

    async def session(self, session_id: str) -> SessionDetail:
        """One session with its events, summary and review."""
        return await self._calls.read(SessionDetail, _session_path(session_id))

    async def intake(self, session_id: str) -> Intake:
        """What the customer filled in, every field as submitted."""
        return await self._calls.read(Intake, f"{_session_path(session_id)}/intake")

    async def report(self, session_id: str) -> Report:
        """All that the report of a completed session is made of; `mechtui.report` makes it."""
        return await self._calls.read(Report, f"{_session_path(session_id)}/report")

    async def file(self, session_id: str, file_id: str) -> bytes:
        """The content of a file of an intake."""
        return await self._calls.read_bytes(f"{_session_path(session_id)}/files/{quote(file_id, safe='')}")

    async def thumb(self, session_id: str, file_id: str) -> bytes:
        """The small picture of a file that has one, for `mechtui.pictures.decode`."""
        return await self._calls.read_bytes(f"{_session_path(session_id)}/files/{quote(file_id, safe='')}/thumb")

    async def download(self, session_id: str, file_id: str, to: BinaryIO, progress: Callable[[int], None]) -> None:
        """Write the content of a file to `to` as it comes; `progress` is told how many bytes there are so far."""
        done = 0
        async with aclosing(self._calls.stream(f"{_session_path(session_id)}/files/{quote(file_id, safe='')}")) as body:
            async for piece in body:
                await asyncio.to_thread(to.write, piece)
                done += len(piece)
                progress(done)

    async def join(self, session_id: str) -> Changed:
        """Say that this side is in the session. When both are, it is live."""
        return await self._calls.write(Changed, f"{_session_path(session_id)}/join")

    async def end(self, session_id: str, reason: str = "") -> Changed:
        """End the session: `completed` when it ran long enough, else `cancelled`."""
        return await self._calls.write(Changed, f"{_session_path(session_id)}/end", ReasonRequest(reason=reason))

    async def settle(self) -> list[Settled]:
        """What became of the writes whose answers were lost, oldest first: each is sent again under its own key.

        When one stays unknown the rest is not tried, and unknown too. Raises `SignedOut`, `TooOld`, `NoJournal`.
        """
        results: list[Settled] = []
        for entry in await self._calls.open_entries():
            lost = results[-1].error if results and results[-1].verdict is Verdict.UNKNOWN else None
            results.append(settled(entry, Verdict.UNKNOWN, lost) if lost else await self._settle(entry))
        return results

    async def _settle(self, entry: Entry) -> Settled:
        if time.time() - entry.at > REPEAT_SECONDS:
            await self._calls.settle_entry(entry.key, Verdict.TOO_LATE)
            return settled(entry, Verdict.TOO_LATE)
        try:
            carried = await self._calls.repeat(_Carried, entry)
        except Refused as error:
            return settled(entry, Verdict.REFUSED, error)
        except OutcomeUnknown as error:
            return settled(entry, Verdict.UNKNOWN, error)
        return Settled(entry.key, what_of(entry), Verdict.DONE, session=carried.session)


class MechanicClient(_Client):
    """What a mechanic may do. `journal` is where writes are noted before they are sent."""

    async def me(self) -> Me:
        """Whose token this is, and his counts."""
        return await self._calls.read(Me, "/api/mechanic/me")

    async def incoming(self, **filters: Unpack[Filters]) -> Page[Session]:
        """Open requests he is eligible for: urgent first, then oldest."""
        params = {"status": "pending"} | params_of(filters)
        return await self._calls.read(Page[Session], "/api/mechanics/requests", params)

    async def active(self, **filters: Unpack[Filters]) -> Page[Session]:
        """His waiting and live sessions."""
        return await self._calls.read(Page[Session], "/api/mechanic/active-sessions", params_of(filters))

    async def completed(self, **filters: Unpack[Filters]) -> Page[Session]:
        """His completed sessions, latest end first."""
        return await self._calls.read(Page[Session], "/api/mechanic/completed-sessions", params_of(filters))

    async def history(self, **filters: Unpack[Filters]) -> Page[HistoryRow]:
        """Every request he had a hand in, latest first."""
        return await self._calls.read(Page[HistoryRow], "/api/mechanic/all-history", params_of(filters))

    async def set_availability(self, availability: Availability) -> Available:
        """Say whether one is there; it holds on all one's terminals."""
        body = AvailabilityRequest(availability=availability)
        return await self._calls.write(Available, "/api/mechanic/availability", body)

    async def colleagues(self) -> Colleagues:
        """The other mechanics, and whether one of them could take something over."""
        return await self._calls.read(Colleagues, "/api/mechanic/colleagues")

    async def profile(self) -> Profile:
        """What he has completed, by type and make."""
        return await self._calls.read(Profile, "/api/mechanic/profile")

    async def stats(self, since: datetime, until: datetime) -> Stats:
        """His own figures for the sessions requested in [since, until)."""
        params = {"from": since.isoformat(), "to": until.isoformat()}
        return await self._calls.read(Stats, "/api/mechanic/stats", params)

    async def snapshot(self) -> Snapshot:
        """All that the feed would show, at one moment."""
        return await self._calls.read(Snapshot, "/api/mechanic/snapshot")

    async def earlier(self, session_id: str, cursor: str | None = None) -> EarlierPage:
        """What was before: ended sessions of the same vehicle or customer, the latest first."""
        params = {"cursor": cursor} if cursor else None
        return await self._calls.read(EarlierPage, f"{_session_path(session_id)}/earlier", params)

    async def accept(self, session_id: str) -> Accepted:
        """Take the request. Raises `AlreadyTaken`, `RequestGone`, `MechanicBusy`, `NotFound`, `NotEligible`."""
        return await self._calls.write(Accepted, "/api/mechanic/accept", AcceptRequest(requestId=session_id))

    async def release(self, session_id: str, reason: str = "") -> Changed:
        """Give the request back to its old place in the queue."""
        return await self._calls.write(Changed, f"{_session_path(session_id)}/release", ReasonRequest(reason=reason))

    async def summarize(self, session_id: str, summary: SummaryRequest) -> Changed:
        """Keep what was found and done in a completed session; once, a second one is refused."""
        return await self._calls.write(Changed, f"{_session_path(session_id)}/summary", summary)

    async def pass_on(self, session_id: str, reason: str = "") -> Changed:
        """Take the request out of one's own queue. Raises `AlreadyTaken`, `RequestGone`, `NotFound`."""
        return await self._calls.write(Changed, f"{_session_path(session_id)}/pass", ReasonRequest(reason=reason))

    async def undo_pass(self, session_id: str) -> Changed:
        """Put a request one passed on back into one's own queue, while it is open."""
        return await self._calls.write(Changed, f"{_session_path(session_id)}/unpass")

    async def offer(self, session_id: str, to: str, note: str = "") -> Changed:
        """Offer one's session to a colleague, who has to agree; it stays one's own until he takes it."""
        return await self._calls.write(Changed, f"{_session_path(session_id)}/offer", OfferRequest(to=to, note=note))

    async def withdraw(self, session_id: str) -> Changed:
        """Take one's offer back."""
        return await self._calls.write(Changed, f"{_session_path(session_id)}/withdraw")

    async def take(self, session_id: str) -> Changed:
        """Take what a colleague offers. Raises `OfferGone`, `RequestGone`, `MechanicBusy`, `NotFound`."""
        return await self._calls.write(Changed, f"{_session_path(session_id)}/take")

    async def decline(self, session_id: str, reason: str = "") -> Changed:
        """Say no to what a colleague offers; it stays his."""
        return await self._calls.write(Changed, f"{_session_path(session_id)}/decline", ReasonRequest(reason=reason))

    async def extend(self, session_id: str, minutes: int) -> Changed:
        """Add minutes to one's live session, at the price of those booked; the customer has agreed."""
        return await self._calls.write(Changed, f"{_session_path(session_id)}/extend", ExtendRequest(minutes=minutes))


class DeskClient(_Client):
    """What the front desk or a customer may do; which of it depends on the token."""

    async def submit(self, request: SubmitRequest) -> Submitted:
        """Hand in a customer's request; the answer has the token its customer may act with."""
        return await self._calls.write(Submitted, "/api/intakes", request)

    async def cancel(self, session_id: str, reason: str = "") -> Changed:
        """Withdraw the request, or the session that has not begun."""
        return await self._calls.write(Changed, f"{_session_path(session_id)}/cancel", ReasonRequest(reason=reason))

    async def rate(self, session_id: str, rating: int, comment: str | None = None) -> Changed:
        """Say how a completed session was: `rating` is 1 to 5."""
        body = RateRequest(rating=rating, comment=comment)
        return await self._calls.write(Changed, f"{_session_path(session_id)}/rate", body)


def _session_path(session_id: str) -> str:
    return f"/api/sessions/{quote(session_id, safe='')}"
