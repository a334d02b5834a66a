"""All that a terminal knows: one way in for what the feed and the backend's answers say, one way out for the screen.

Every change is told as a `Change`; whoever paints asks the store and never keeps a copy. A row is taken in only when
its version is higher than the one seen, so an answer and the event about the same thing may come in any order, or
twice. All text is `SafeText` from here on.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from mechtui.asides import Asides
from mechtui.changes import NOTHING, Change, Claim, Departure, Leaving, News, Topic
from mechtui.clock import Clock
from mechtui.frames import FeedEvent
from mechtui.keymap import DEFAULT, Keymap
from mechtui.models import ACTIVE, Session, Status
from mechtui.news import come_meanwhile, is_arrival, news_of
from mechtui.offers import as_history, departure, departure_of_offer, handed_over, waits
from mechtui.reminders import Reminders
from mechtui.replica import (
    AuditTold,
    AvailabilityTold,
    CountsChanged,
    EventApplied,
    Fresh,
    LinkChanged,
    LinkState,
    ReadersChanged,
    SnapshotApplied,
    Update,
    is_held,
)
from mechtui.rows import Tab
from mechtui.run_out import RunOut
from mechtui.text import SafeText, safe_model

LEAVING_SECONDS = 4.0
"""How long a request that was taken, cancelled or expired stays in sight as a dimmed line."""


class Store(Asides):
    """The state behind the screen, and how far it can be trusted. No I/O; the clock is handed in."""

    def __init__(self, clock: Clock | None = None, keymap: Keymap = DEFAULT) -> None:
        super().__init__(clock)
        self.keymap = keymap
        self.drafts: frozenset[str] = frozenset()
        self.claims: dict[str, Claim] = {}
        self.leaving: dict[str, Leaving] = {}
        self.readers: dict[str, tuple[str, ...]] = {}
        self.synced = False
        self.last_arrival: datetime | None = None
        self.last_taken: Session | None = None
        self._reminders = Reminders()
        self._run_out = RunOut()
        self._epoch = ""
        self._versions: dict[str, int] = {}
        self._wishes: dict[str, int] = {}

    # --- asked by whoever paints ------------------------------------------------------------------------------

    def count(self, tab: Tab) -> int:
        """The number in a tab's label: the rows held where the feed brings them, else the server's count."""
        match tab:
            case Tab.INCOMING:
                return len(self.tabs[tab].rows) - len(self.leaving)
            case Tab.ACTIVE:
                return len(self.tabs[tab].rows)
            case Tab.COMPLETED:
                return self._counts.completed
            case _:
                return self._counts.history

    @property
    def urgent(self) -> int:
        """How many urgent requests wait."""
        rows = self.tabs[Tab.INCOMING].rows
        return sum(row.urgent for row in rows.values() if row.id not in self.leaving)

    @property
    def active(self) -> Session | None:
        """The session that is mine and not over."""
        return next((row for row in self.tabs[Tab.ACTIVE].rows.values() if row.status in ACTIVE), None)

    def is_mine(self, session: Session) -> bool:
        """Whether a session is held by this terminal's mechanic."""
        return session.mechanic is not None and session.mechanic.id == self.me.id

    # --- told by the feed and by answers ----------------------------------------------------------------------

    def apply(self, update: Update) -> Change:
        """Take in what the feed says."""
        match update:
            case LinkChanged():
                if update.state is not LinkState.LIVE:
                    self.readers.clear()
                return self._link(update)
            case SnapshotApplied():
                return self._snapshot(update)
            case EventApplied():
                return self._event(update.event) if update.news else NOTHING
            case CountsChanged():
                return self._count(update.counts, update.seq)
            case ReadersChanged():
                self.readers[update.session_id] = tuple(SafeText(name) for name in update.by)
                return Change(ids=frozenset({update.session_id}))
            case AvailabilityTold():
                return self.set_availability(update.availability)
            case AuditTold():
                return self.set_audit(update.audit)
            case Fresh():
                self.prove()
                self.tell_time(update.now)
                return NOTHING

    def apply_answer(self, session: Session) -> Change:
        """Take in the row that came with an answer, as if the feed had brought it.

        An open session that the last snapshot did not have, nor any event since, was so when an answer to an earlier
        try was stored, and is no longer.
        """
        past = self.synced and session.id not in self._versions and is_held(session, self.me.id)
        return NOTHING if past else self._take(safe_model(session), gone=False)

    def tick(self) -> Change:
        """Let time do its work: requests run out, and what left leaves the screen."""
        steady = self.clock.steady()
        over = [row_id for row_id, leaving in self.leaving.items() if leaving.until <= steady]
        for row_id in over:
            del self.leaving[row_id]
            self.tabs[Tab.INCOMING].drop(row_id)
        awake = self.wake_those_due()
        due = self._reminders.due(self.active, self.now) if self.knows_time else ()
        ran_out = [row for row in self.tabs[Tab.INCOMING].rows.values() if self._ran_out(row)]
        for row in ran_out:
            self._leave(row, Departure.EXPIRED, "", row.expires_at)
        for row in (back := self._run_out.move(ran_out, self.now)):
            self.leaving.pop(row.id, None)
            self.tabs[Tab.INCOMING].put(row)
        touched = frozenset([*over, *(row.id for row in (*ran_out, *back)), *(news.session.id for news in awake)])
        moved = frozenset(tab for tab in (Tab.INCOMING, Tab.ACTIVE) if self.tabs[tab].pass_time())
        return Change(moved | {Tab.INCOMING} if touched else moved, touched, (*awake, *due))

    def _ran_out(self, row: Session) -> bool:
        return self.knows_time and row.id not in self.leaving and not row.is_offer and row.expires_at <= self.now

    # --- told by wishes ---------------------------------------------------------------------------------------

    def wish_begins(self, row_id: str) -> None:
        """A write about this session is under way: remember which version of it was seen, whatever comes."""
        self._wishes[row_id] = self._wishes.get(row_id, 0) + 1

    def wish_ends(self, row_id: str) -> None:
        """The write has its answer, or will never have one."""
        left = self._wishes.pop(row_id, 1) - 1
        if left > 0:
            self._wishes[row_id] = left

    def claim(self, row_id: str, claim: Claim | None) -> Change:
        """Mark a request as being claimed, being checked, or neither."""
        if claim is None:
            self.claims.pop(row_id, None)
        else:
            self.claims[row_id] = claim
        return Change(ids=frozenset({row_id}))

    def lost(self, row_id: str, why: Departure, by: str, at: datetime | None) -> Change:
        """The backend said that a request is no longer open."""
        self.claims.pop(row_id, None)
        self._run_out.forget(row_id)
        row = self.tabs[Tab.INCOMING].rows.get(row_id)
        if row is not None and row_id not in self.leaving:
            self._leave(row, why, SafeText(by), at or self.now)
        return Change(frozenset({Tab.INCOMING}), frozenset({row_id}))

    def forget(self, row_id: str) -> Change:
        """The backend knows no such session of ours."""
        self.claims.pop(row_id, None)
        self.leaving.pop(row_id, None)
        self._run_out.forget(row_id)
        for rows in self.tabs.values():
            rows.drop(row_id)
        return Change(frozenset(Tab))

    # --- how it is done ---------------------------------------------------------------------------------------

    def _snapshot(self, update: SnapshotApplied) -> Change:
        self.me = safe_model(update.me)
        self.prove()
        rows = [safe_model(row) for row in update.sessions if is_held(row, self.me.id)]
        before = self.tabs[Tab.INCOMING].rows | self.tabs[Tab.ACTIVE].rows
        same = update.epoch == self._epoch
        if not same:  # a backup was restored: versions and positions begin again below those there were
            self._epoch, self._counts_seq = update.epoch, 0
        seen = {i: v for i, v in self._versions.items() if i in self._wishes} if same else {}
        self._versions = {row.id: max(row.version, seen.get(row.id, 0)) for row in rows}
        kept = [self._newest(row) for row in rows] if same else rows
        self.leaving.clear()
        self._run_out = RunOut()
        self.tabs[Tab.INCOMING].replace(row for row in kept if waits(row))
        self.tabs[Tab.ACTIVE].replace(row for row in kept if not waits(row))
        settled = tuple(news for row in kept if (news := self._settle(row, gone=False)))
        lost = tuple(self._lost_meanwhile(before, {row.id for row in kept}))
        come = come_meanwhile(kept, before) if self.synced else ()
        self.synced = True
        return Change(frozenset(Tab), frozenset(row.id for row in kept), come + settled + lost) | self._count(
            update.counts, update.seq
        )

    def _newest(self, row: Session) -> Session:
        """The row of the snapshot, unless an answer to a wish of ours has brought a newer one."""
        held = self.find(row.id)
        return held if held is not None and row.id in self._wishes and held.version > row.version else row

    def _lost_meanwhile(self, before: Mapping[str, Session], held: set[str]) -> Iterable[News]:
        for row_id in [i for i, claim in self.claims.items() if claim is Claim.CHECKING and i not in held]:
            del self.claims[row_id]
            if row_id in before:
                yield News(Topic.CLAIM_LOST, before[row_id])

    def _event(self, event: FeedEvent) -> Change:
        self.prove()
        event = safe_model(event)
        row = event.session
        held = self.find(row.id)
        if row.version <= self._versions.get(row.id, 0):
            return NOTHING
        told = row.id in self.claims or (event.gone and row.id in self.leaving and row.id not in self.marks.watched)
        change = self._take(row, gone=event.gone, at=event.at, kind=event.kind)
        return change if told else change | Change(news=self._news(event, row, held))

    def _take(self, row: Session, *, gone: bool, at: datetime | None = None, kind: str = "") -> Change:
        if row.version <= self._versions.get(row.id, 0):
            return NOTHING
        self._versions[row.id] = row.version
        self._run_out.forget(row.id)
        news = self._settle(row, gone=gone)
        if row.id in self.tabs[Tab.ACTIVE].rows and not self.is_mine(row):
            self._merge(Tab.HISTORY, as_history(row, "released") if waits(row) else handed_over(row))
        if gone or not is_held(row, self.me.id):
            self._gone(row, kind, at or self.now)
        elif waits(row):
            self.leaving.pop(row.id, None)
            self.tabs[Tab.ACTIVE].drop(row.id)
            self.tabs[Tab.INCOMING].put(row)
            self.note_no_pass(row.id)
        else:
            self.leaving.pop(row.id, None)
            self.tabs[Tab.INCOMING].drop(row.id)
            self.tabs[Tab.ACTIVE].put(row)
        self._remember(row)
        return Change(frozenset(Tab), frozenset({row.id}), (news,) if news else ())

    def _gone(self, row: Session, kind: str, at: datetime) -> None:
        self.tabs[Tab.ACTIVE].drop(row.id)
        self.marks.wake(row.id)
        if row.passed:
            self._merge(Tab.HISTORY, as_history(row, "passed"))
        if row.id in self.tabs[Tab.INCOMING].rows and row.id not in self.leaving and not self.is_mine(row):
            offered = self.tabs[Tab.INCOMING].rows[row.id].is_offer
            why = departure_of_offer(kind) if offered else departure(row, kind)
            self._leave(row, why, row.mechanic.name if row.mechanic else "", at)
        elif row.id not in self.leaving:
            self.tabs[Tab.INCOMING].drop(row.id)

    def _leave(self, row: Session, why: Departure, by: str, at: datetime) -> None:
        self.tabs[Tab.INCOMING].put(row)
        self.leaving[row.id] = Leaving(why, by, at, self.clock.steady() + LEAVING_SECONDS)

    def _settle(self, row: Session, *, gone: bool) -> News | None:
        """An accept that nobody had answered yet is answered by the row itself."""
        mine = self.is_mine(row) and row.status != Status.PENDING
        if row.id not in self.claims or not (gone or mine):
            return None
        claim = self.claims.pop(row.id)
        if claim is Claim.CLAIMING:
            return None
        return News(Topic.CLAIM_WON if mine else Topic.CLAIM_LOST, row, row.mechanic.name if row.mechanic else "")

    def _remember(self, row: Session) -> None:
        """Carry a session of ours into the lists of what was."""
        if not self.is_mine(row):
            return
        if row.status == Status.COMPLETED:
            self._merge(Tab.COMPLETED, row)
        outcome = "active" if row.status in ACTIVE else row.status
        self._merge(Tab.HISTORY, as_history(row, outcome))

    def _news(self, event: FeedEvent, row: Session, held: Session | None) -> tuple[News, ...]:
        if is_arrival(event, row):
            self.last_arrival = event.at
            if self.marks.watched.pop(row.id, None) is not None:
                return (News(Topic.WATCHED, row),)
        was_mine = held is not None and self.is_mine(held)
        was_offer = held is not None and held.is_offer
        if event.gone and row.mechanic is not None and not was_mine and not was_offer:
            self.last_taken = row
        return news_of(event, row, held, self.me.id, wished=row.id in self._wishes)
