"""Wishes carried out: sent to the backend, the answer put into the store, the outcome told in words.

No screen in here. A wish comes back as `Done` or as `NotDone` with what to say; it raises nothing.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from mechtui.api_client import Settled, Verdict
from mechtui.api_errors import (
    AlreadyTaken,
    ApiError,
    MechanicBusy,
    NotFound,
    OfferGone,
    OutcomeUnknown,
    Refused,
    RequestGone,
    Unreachable,
)
from mechtui.changes import Change, Claim, Departure
from mechtui.models import Availability, Code, Session, SummaryRequest
from mechtui.rows import Tab
from mechtui.screens.ports import Client
from mechtui.store import Store
from mechtui.text import safe_model
from mechtui.wording import beaten_words


@dataclass(frozen=True)
class Done:
    """The wish was carried out; this is the session now."""

    session: Session


@dataclass(frozen=True)
class NotDone:
    """The wish was not carried out, or nobody knows yet (`unknown`). `go_to` is the tab to look at, if another."""

    title: str
    words: str
    unknown: bool = False
    go_to: Tab | None = None


Outcome = Done | NotDone


def _not_known(error: OutcomeUnknown) -> NotDone:
    return NotDone("Not known yet", f"{error.why}. It is being checked.", unknown=True)


class Wishes:
    """Carries out wishes with `client`; `tell` is given each change of the store."""

    def __init__(self, store: Store, client: Client, tell: Callable[[Change], None]) -> None:
        self._store = store
        self._client = client
        self._tell = tell
        self._unknown: dict[str, str] = {}
        self._left_unknown = False

    @property
    def unsettled(self) -> bool:
        """Whether there is something to ask the backend again about."""
        checking = Claim.CHECKING in self._store.claims.values()
        return bool(self._store.read_only or checking or self._left_unknown)

    async def accept(self, row_id: str) -> Outcome:
        """Take a request: claimed on the screen at once, and whatever comes is told."""
        return await self._claim(row_id, self._accepted(row_id))

    async def take(self, row_id: str) -> Outcome:
        """Take what a colleague offers: claimed on the screen at once, as a request is."""
        return await self._claim(row_id, self._taken(row_id))

    async def _claim(self, row_id: str, call: Awaitable[Session]) -> Outcome:
        pressed = self._store.now
        self._tell(self._store.claim(row_id, Claim.CLAIMING))
        try:
            session = await self._carry_out(row_id, call)
        except OfferGone as error:
            self._tell(self._store.lost(row_id, Departure.NO_OFFER, "", None))
            return NotDone("Not yours", str(error))
        except AlreadyTaken as error:
            by = error.by.name if error.by else ""
            self._tell(self._store.lost(row_id, Departure.TAKEN, by, error.at))
            before = (pressed - error.at).total_seconds() if error.at else 0.0
            return NotDone("Not yours", beaten_words(by, before))
        except RequestGone as error:
            expired = error.code == Code.REQUEST_EXPIRED
            self._tell(self._store.lost(row_id, Departure.EXPIRED if expired else Departure.CANCELLED, "", error.at))
            return NotDone("Too late", str(error))
        except ApiError as error:
            return self._not_accepted(row_id, error)
        return Done(session)

    async def join(self, row_id: str) -> Outcome:
        """Say that the mechanic is in the session."""
        return await self._simply("Not joined", row_id, self._joined(row_id))

    async def release(self, row_id: str, reason: str) -> Outcome:
        """Give a session back to the queue."""
        return await self._simply("Not given back", row_id, self._released(row_id, reason))

    async def end(self, row_id: str, reason: str = "") -> Outcome:
        """End a session."""
        return await self._simply("Not ended", row_id, self._ended(row_id, reason))

    async def summarize(self, row_id: str, summary: SummaryRequest) -> Outcome:
        """Send the summary of a completed session."""
        return await self._simply("Not sent", row_id, self._summarized(row_id, summary))

    async def pass_on(self, row_id: str, reason: str) -> Outcome:
        """Take a request out of one's own queue."""
        return await self._simply("Not passed", row_id, self._passed(row_id, reason))

    async def undo_pass(self, row_id: str) -> Outcome:
        """Put a request one passed on back."""
        return await self._simply("Not taken back", row_id, self._passed_back(row_id))

    async def offer(self, row_id: str, to: str, note: str) -> Outcome:
        """Offer a session to a colleague."""
        return await self._simply("Not offered", row_id, self._offered(row_id, to, note))

    async def withdraw(self, row_id: str) -> Outcome:
        """Take the offer back."""
        return await self._simply("Not taken back", row_id, self._withdrawn(row_id))

    async def decline(self, row_id: str, reason: str) -> Outcome:
        """Say no to what a colleague offers."""
        return await self._simply("Not declined", row_id, self._declined(row_id, reason))

    async def extend(self, row_id: str, minutes: int) -> Outcome:
        """Add minutes to a live session."""
        return await self._simply("Not extended", row_id, self._extended(row_id, minutes))

    async def set_availability(self, availability: Availability) -> NotDone | None:
        """Say whether he is there; nothing when that was done."""
        try:
            answer = await self._client.set_availability(availability)
        except ApiError as error:
            self._note(error)
            return _not_known(error) if isinstance(error, OutcomeUnknown) else NotDone("Not changed", str(error))
        self._tell(self._store.set_read_only("") | self._store.set_availability(answer.availability))
        return None

    async def ask_again(self) -> list[Outcome]:
        """Settle what is unknown, as far as the backend answers.

        What turned out not to be done is told, and what this terminal did not know that it had: a request taken as it
        went down.
        """
        told: list[Outcome] = []
        try:
            settled = await self._client.settle()
            self._left_unknown = any(one.verdict is Verdict.UNKNOWN for one in settled)
            told = [words for one in settled if (words := self._settle(one))]
            self._store.tell_time((await self._client.me()).server_now)
        except ApiError as error:
            self._note(error)
            return told
        if not self._left_unknown:
            self._tell(self._store.set_read_only(""))
            self._tell(self._give_up_checking())
        return told

    # --- how it is done ---------------------------------------------------------------------------------------

    async def _accepted(self, row_id: str) -> Session:
        return (await self._client.accept(row_id)).session

    async def _joined(self, row_id: str) -> Session:
        return (await self._client.join(row_id)).session

    async def _released(self, row_id: str, reason: str) -> Session:
        return (await self._client.release(row_id, reason)).session

    async def _ended(self, row_id: str, reason: str) -> Session:
        return (await self._client.end(row_id, reason)).session

    async def _summarized(self, row_id: str, summary: SummaryRequest) -> Session:
        return (await self._client.summarize(row_id, summary)).session

    async def _passed(self, row_id: str, reason: str) -> Session:
        return (await self._client.pass_on(row_id, reason)).session

    async def _passed_back(self, row_id: str) -> Session:
        return (await self._client.undo_pass(row_id)).session

    async def _taken(self, row_id: str) -> Session:
        return (await self._client.take(row_id)).session

    async def _offered(self, row_id: str, to: str, note: str) -> Session:
        return (await self._client.offer(row_id, to, note)).session

    async def _withdrawn(self, row_id: str) -> Session:
        return (await self._client.withdraw(row_id)).session

    async def _declined(self, row_id: str, reason: str) -> Session:
        return (await self._client.decline(row_id, reason)).session

    async def _extended(self, row_id: str, minutes: int) -> Session:
        return (await self._client.extend(row_id, minutes)).session

    async def _carry_out(self, row_id: str, call: Awaitable[Session]) -> Session:
        """The answer to a wish, in the store already. Raises `ApiError`, noted already."""
        self._store.wish_begins(row_id)
        try:
            session = await call
        except ApiError as error:
            self._note(error)
            if isinstance(error, OutcomeUnknown):
                self._unknown[error.key] = row_id
            raise
        else:
            self._tell(self._store.set_read_only("") | self._store.apply_answer(session))
            return self._store.find(row_id) or safe_model(session)
        finally:
            self._store.wish_ends(row_id)

    async def _simply(self, title: str, row_id: str, call: Awaitable[Session]) -> Outcome:
        try:
            return Done(await self._carry_out(row_id, call))
        except NotFound as error:
            self._tell(self._store.forget(row_id))
            return NotDone(title, str(error))
        except OutcomeUnknown as error:
            return _not_known(error)
        except ApiError as error:
            return NotDone(title, str(error))

    def _not_accepted(self, row_id: str, error: ApiError) -> NotDone:
        if isinstance(error, OutcomeUnknown):
            self._tell(self._store.claim(row_id, Claim.CHECKING))
            return NotDone("Not known yet", "No answer came. It is being checked, with the same key.", unknown=True)
        if isinstance(error, NotFound):
            self._tell(self._store.forget(row_id))
            return NotDone("Not yours", str(error))
        self._tell(self._store.claim(row_id, None))
        if isinstance(error, MechanicBusy):
            return NotDone(
                "One at a time", f"{error} Press {self._store.keymap.name(Tab.ACTIVE)} to go there.", go_to=Tab.ACTIVE
            )
        return NotDone("Not sent" if isinstance(error, Unreachable) else "Not accepted", str(error))

    def _note(self, error: ApiError) -> None:
        """What an error says of the line itself: a refusal is an answer, silence is not."""
        if isinstance(error, Refused):
            self._tell(self._store.set_read_only(""))
        elif isinstance(error, OutcomeUnknown | Unreachable):
            self._tell(self._store.set_read_only(error.why))

    def _settle(self, one: Settled) -> Outcome | None:
        row_id = self._unknown.get(one.key)
        if one.verdict is not Verdict.UNKNOWN:
            self._unknown.pop(one.key, None)
        if one.session is not None:
            self._tell(self._store.apply_answer(one.session))
            return self._won_before(one.session) if row_id is None and one.takes else None
        if one.verdict is Verdict.UNKNOWN or row_id is None:
            return None
        self._tell(self._store.claim(row_id, None))
        return NotDone("It did not go through", str(one.error or one.verdict))

    def _won_before(self, session: Session) -> Done | None:
        """A request taken before this terminal was started, if it is still in hand."""
        active = self._store.active
        return Done(active) if active is not None and active.id == session.id else None

    def _give_up_checking(self) -> Change:
        """Nothing is unknown any more, so a request still open is simply open."""
        change = Change()
        for row_id in [i for i, claim in self._store.claims.items() if claim is Claim.CHECKING]:
            change |= self._store.claim(row_id, None)
        return change
