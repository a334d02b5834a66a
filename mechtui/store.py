"""All that a terminal knows: one way in for what the feed and the backend's answers say, one way out for the screen.

Every change is told as a `Change`; whoever paints asks the store and never keeps a copy. A row is taken in only when
its version is higher than the one seen, so an answer and the event about the same thing may come in any order, or
twice. All text is `SafeText` from here on.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from mechtui.changes import NOTHING, Change, Claim, Departure, Leaving, Loading, News, Reach, Topic
from mechtui.clock import Clock
from mechtui.models import ACTIVE, Counts, FeedEvent, HistoryRow, Kind, Page, Person, Session, Status
from mechtui.query import parse
from mechtui.replica import (
    CountsChanged,
    EventApplied,
    Fresh,
    LinkChanged,
    LinkState,
    SnapshotApplied,
    Update,
    is_held,
)
from mechtui.rows import KEYS, Tab, TabRows
from mechtui.text import SafeText, safe_model

LEAVING_SECONDS = 4.0
"""How long a request that was taken, cancelled or expired stays in sight as a dimmed line."""


class Store:
    """The state behind the screen. No I/O; the clock is handed in."""

    def __init__(self, clock: Clock | None = None) -> None:
        self.clock = clock or Clock()
        self.me = Person(id="", name="")
        self.link = LinkChanged(LinkState.CONNECTING)
        self.link_since = self.clock.steady()
        self.read_only = ""
        self.tabs = {tab: TabRows(KEYS[tab]) for tab in Tab}
        self.claims: dict[str, Claim] = {}
        self.leaving: dict[str, Leaving] = {}
        self.reach = {Tab.COMPLETED: Reach(), Tab.HISTORY: Reach()}
        self.synced = False
        self.last_arrival: datetime | None = None
        self._counts = Counts()
        self._counts_seq = -1
        self._versions: dict[str, int] = {}
        self._wishes: dict[str, int] = {}
        self._server_at: datetime | None = None
        self._read_at = self.clock.steady()
        self._proved_at = self.clock.steady()

    # --- asked by whoever paints ------------------------------------------------------------------------------

    @property
    def state(self) -> LinkState:
        """How far the screen can be trusted."""
        live = self.link.state in {LinkState.LIVE, LinkState.POLLING}
        return LinkState.READ_ONLY if live and self.read_only else self.link.state

    @property
    def now(self) -> datetime:
        """The server's time, carried on by the steady clock since it was last heard."""
        if self._server_at is None:
            return self.clock.wall()
        return self._server_at + timedelta(seconds=self.clock.steady() - self._read_at)

    @property
    def age(self) -> float:
        """Seconds since the rows were last proved to be the server's."""
        return max(0.0, self.clock.steady() - self._proved_at)

    @property
    def proved(self) -> datetime:
        """When, by the server's clock, the rows were last proved to be the server's."""
        return self.now - timedelta(seconds=self.age)

    @property
    def retry_in(self) -> float | None:
        """Seconds until the next try to reach the backend, where one is planned."""
        if self.link.retry_in is None:
            return None
        return max(0.0, self.link_since + self.link.retry_in - self.clock.steady())

    def rows(self, tab: Tab) -> TabRows:
        """The rows of a tab."""
        return self.tabs[tab]

    def row(self, tab: Tab, row_id: str | None) -> Session | None:
        """One row of a tab."""
        return self.tabs[tab].rows.get(row_id) if row_id is not None else None

    def find(self, row_id: str) -> Session | None:
        """The newest that is known of a session, in whichever tab."""
        found = [rows.rows[row_id] for rows in self.tabs.values() if row_id in rows.rows]
        return max(found, key=lambda row: row.version, default=None)

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
                return self._link(update)
            case SnapshotApplied():
                return self._snapshot(update)
            case EventApplied():
                return self._event(update.event) if update.news else NOTHING
            case CountsChanged():
                return self._count(update.counts, update.seq)
            case Fresh():
                self._proved_at = self.clock.steady()
                self.tell_time(update.now)
                return NOTHING

    def apply_answer(self, session: Session) -> Change:
        """Take in the row that came with an answer, exactly as if the feed had brought it."""
        return self._take(safe_model(session), gone=False)

    def apply_page(self, tab: Tab, text: str, page: Page[Session] | Page[HistoryRow], *, first: bool) -> Change:
        """Take in a page of Completed or History that was asked for while the filter was `text`.

        An answer to a filter that has changed since is dropped.
        """
        rows = self.tabs[tab]
        if text != rows.filter_text:
            return NOTHING
        self.tell_time(page.server_now)
        fresh: list[Session] = [safe_model(row) for row in page.items]
        newest = [max(row, rows.rows.get(row.id, row), key=lambda each: each.version) for row in fresh]
        if first and not rows.filter:
            rows.replace(newest)
        else:
            for row in newest:
                rows.put(row)
        self.reach[tab] = Reach(text, Loading.DONE, page.next_cursor, page.total)
        if not rows.filter and page.seq >= self._counts_seq:
            self._counts = self._counts.model_copy(update={str(tab): page.total})
        return Change(frozenset({tab}), frozenset(row.id for row in newest))

    def page_failed(self, tab: Tab, text: str, why: str) -> Change:
        """A page could not be read."""
        if text != self.tabs[tab].filter_text:
            return NOTHING
        self.reach[tab] = replace(self.reach[tab], filter_text=text, loading=Loading.FAILED, why=SafeText(why))
        return Change(frozenset({tab}))

    def page_asked(self, tab: Tab) -> Change:
        """A page is being read."""
        text = self.tabs[tab].filter_text
        before = self.reach[tab]
        start = before if before.filter_text == text else Reach(text)
        self.reach[tab] = replace(start, loading=Loading.UNDER_WAY, why="")
        return Change(frozenset({tab}))

    def filter(self, tab: Tab, text: str) -> Change:
        """Show only the rows of a tab that meet what was typed."""
        self.tabs[tab].narrow(parse(text, replace(self.clock, wall=lambda: self.now)), text)
        return Change(frozenset({tab}))

    def tell_time(self, server_now: datetime) -> None:
        """Set the clock by the server's."""
        self._server_at, self._read_at = server_now, self.clock.steady()

    def tick(self) -> Change:
        """Let time do its work: requests run out, and what left leaves the screen."""
        steady = self.clock.steady()
        over = [row_id for row_id, leaving in self.leaving.items() if leaving.until <= steady]
        for row_id in over:
            del self.leaving[row_id]
            self.tabs[Tab.INCOMING].drop(row_id)
        ran_out = [row for row in self.tabs[Tab.INCOMING].rows.values() if self._ran_out(row)]
        for row in ran_out:
            self._leave(row, Departure.EXPIRED, "", row.expires_at)
        gone = frozenset([*over, *(row.id for row in ran_out)])
        return Change(frozenset({Tab.INCOMING}), gone) if gone else NOTHING

    def _ran_out(self, row: Session) -> bool:
        known = self._server_at is not None
        return known and row.id not in self.leaving and row.expires_at <= self.now

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
        row = self.tabs[Tab.INCOMING].rows.get(row_id)
        if row is not None and row_id not in self.leaving:
            self._leave(row, why, SafeText(by), at or self.now)
        return Change(frozenset({Tab.INCOMING}), frozenset({row_id}))

    def forget(self, row_id: str) -> Change:
        """The backend knows no such session of ours."""
        self.claims.pop(row_id, None)
        self.leaving.pop(row_id, None)
        for rows in self.tabs.values():
            rows.drop(row_id)
        return Change(frozenset(Tab))

    def set_read_only(self, why: str) -> Change:
        """Writes get no answer, for this reason; an empty one means that they do again."""
        if why == self.read_only:
            return NOTHING
        self.read_only = SafeText(why)
        return Change(link=True)

    # --- how it is done ---------------------------------------------------------------------------------------

    def _link(self, update: LinkChanged) -> Change:
        if update.state is LinkState.LIVE:
            self._proved_at = self.clock.steady()
        self.link = replace(update, why=SafeText(update.why))
        self.link_since = self.clock.steady()
        return Change(link=True)

    def _snapshot(self, update: SnapshotApplied) -> Change:
        self.me = safe_model(update.me)
        self._proved_at = self.clock.steady()
        rows = [safe_model(row) for row in update.sessions if is_held(row, self.me.id)]
        before = self.tabs[Tab.INCOMING].rows | self.tabs[Tab.ACTIVE].rows
        self._versions = {i: v for i, v in self._versions.items() if i in self._wishes}
        self._versions |= {row.id: max(row.version, self._versions.get(row.id, 0)) for row in rows}
        kept = [self._newest(row) for row in rows]
        self.leaving.clear()
        self.tabs[Tab.INCOMING].replace(row for row in kept if row.status == Status.PENDING)
        self.tabs[Tab.ACTIVE].replace(row for row in kept if row.status != Status.PENDING)
        settled = tuple(news for row in kept if (news := self._settle(row, gone=False)))
        lost = tuple(self._lost_meanwhile(before, {row.id for row in kept}))
        come = self._come_meanwhile(kept, before) if self.synced else ()
        self.synced = True
        return Change(frozenset(Tab), frozenset(row.id for row in kept), come + settled + lost) | self._count(
            update.counts, update.seq
        )

    def _newest(self, row: Session) -> Session:
        """The row of the snapshot, unless an answer to a wish of ours has brought a newer one."""
        held = self.find(row.id)
        return held if held is not None and row.id in self._wishes and held.version > row.version else row

    def _come_meanwhile(self, rows: Iterable[Session], before: Mapping[str, Session]) -> tuple[News, ...]:
        fresh = [row for row in rows if row.status == Status.PENDING and row.id not in before]
        return tuple(News(Topic.ARRIVED, row) for row in fresh)

    def _lost_meanwhile(self, before: Mapping[str, Session], held: set[str]) -> Iterable[News]:
        for row_id in [i for i, claim in self.claims.items() if claim is Claim.CHECKING and i not in held]:
            del self.claims[row_id]
            if row_id in before:
                yield News(Topic.CLAIM_LOST, before[row_id])

    def _event(self, event: FeedEvent) -> Change:
        self._proved_at = self.clock.steady()
        row = safe_model(event.session)
        held = self.find(row.id)
        if row.version <= self._versions.get(row.id, 0):
            return NOTHING
        told = row.id in self.claims or row.id in self.leaving
        change = self._take(row, gone=event.gone, at=event.at, kind=event.kind)
        return change | Change(news=() if told else self._tell(event, row, held))

    def _take(self, row: Session, *, gone: bool, at: datetime | None = None, kind: str = "") -> Change:
        if row.version <= self._versions.get(row.id, 0):
            return NOTHING
        self._versions[row.id] = row.version
        news = self._settle(row, gone=gone)
        if row.status == Status.PENDING and row.id in self.tabs[Tab.ACTIVE].rows:
            self._merge(Tab.HISTORY, _history(row, "released"))
        if gone or not is_held(row, self.me.id):
            self._gone(row, kind, at or self.now)
        elif row.status == Status.PENDING:
            self.leaving.pop(row.id, None)
            self.tabs[Tab.ACTIVE].drop(row.id)
            self.tabs[Tab.INCOMING].put(row)
        else:
            self.leaving.pop(row.id, None)
            self.tabs[Tab.INCOMING].drop(row.id)
            self.tabs[Tab.ACTIVE].put(row)
        self._remember(row)
        return Change(frozenset(Tab), frozenset({row.id}), (news,) if news else ())

    def _gone(self, row: Session, kind: str, at: datetime) -> None:
        self.tabs[Tab.ACTIVE].drop(row.id)
        if row.id in self.tabs[Tab.INCOMING].rows and row.id not in self.leaving and not self.is_mine(row):
            self._leave(row, _departure(row, kind), row.mechanic.name if row.mechanic else "", at)
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
        self._merge(Tab.HISTORY, _history(row, outcome))

    def _merge(self, tab: Tab, row: Session) -> None:
        """Put a row into a paged list, unless it belongs to a part of it that was not read yet."""
        rows, reach = self.tabs[tab], self.reach[tab]
        if reach.loading is Loading.NOT_YET:
            return
        held = rows.held
        last = rows.rows[held.at(len(held) - 1)] if len(held) else None
        beyond = last is not None and reach.cursor is not None and KEYS[tab](row) > KEYS[tab](last)
        if row.id in rows.rows or not beyond:
            rows.put(row)

    def _tell(self, event: FeedEvent, row: Session, held: Session | None) -> tuple[News, ...]:
        if event.kind in {Kind.CREATED, Kind.RELEASED} and row.status == Status.PENDING:
            self.last_arrival = event.at
            again = event.kind == Kind.RELEASED
            mine = held is not None and self.is_mine(held)
            return () if mine else (News(Topic.RETURNED if again else Topic.ARRIVED, row),)
        if event.gone and row.mechanic is not None and not self.is_mine(row):
            return (News(Topic.TAKEN, row, row.mechanic.name),)
        if self.is_mine(row):
            return self._tell_mine(event.kind, row)
        return ()

    def _tell_mine(self, kind: str, row: Session) -> tuple[News, ...]:
        if kind == Kind.STARTED:
            return (News(Topic.STARTED, row),)
        if kind == Kind.JOINED and row.customer_joined_at is not None and row.mechanic_joined_at is None:
            return (News(Topic.JOINED, row),)
        if kind in {Kind.COMPLETED, Kind.CANCELLED} and row.ended_by != "mechanic" and row.id not in self._wishes:
            return (News(Topic.ENDED, row, row.ended_by or ""),)
        return ()

    def _count(self, counts: Counts, seq: int) -> Change:
        if seq < self._counts_seq or counts == self._counts:
            return NOTHING
        self._counts, self._counts_seq = counts, seq
        return Change(frozenset(Tab))


def _departure(row: Session, kind: str) -> Departure:
    if row.mechanic is not None:
        return Departure.TAKEN
    if Status.EXPIRED in (row.status, kind):
        return Departure.EXPIRED
    return Departure.CANCELLED


def _history(row: Session, outcome: str) -> HistoryRow:
    return HistoryRow.model_construct(**{**dict(row), "outcome": outcome})
