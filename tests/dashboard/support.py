"""A shop for the dashboard's tests: rows, a clock that stands still, a client and a feed that do as they are told."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, BinaryIO, Unpack

from textual.pilot import Pilot

from mechtui.api_client import Filters, Settled
from mechtui.api_errors import AlreadyTaken, ApiError, NotFound, Refused, refusal
from mechtui.app import MechtuiApp
from mechtui.clock import Clock
from mechtui.drafts import Draft
from mechtui.earlier import Earlier, EarlierPage
from mechtui.figures import Part, Slot, Stats, Sum, Times
from mechtui.fit import Done, Profile
from mechtui.frames import FeedEvent
from mechtui.keymap import DEFAULT, Keymap
from mechtui.models import (
    Accepted,
    Audit,
    Availability,
    Available,
    Changed,
    Colleague,
    Colleagues,
    Counts,
    FileInfo,
    HistoryRow,
    Intake,
    Me,
    Page,
    Person,
    Plan,
    Problem,
    Report,
    Review,
    Session,
    SessionDetail,
    Summary,
    SummaryRequest,
    TimelineEvent,
    Vehicle,
    session_url,
)
from mechtui.pictures import encode
from mechtui.replica import AuditTold, EventApplied, Fresh, LinkChanged, LinkState, SnapshotApplied, Update
from mechtui.screens.afterwards import Keeps
from mechtui.server.demo.photos import draw_photo
from mechtui.server.thumbs import make_thumb
from mechtui.store import Store

DOWNLOADS = Path("/home/dana/Downloads")
NOW = datetime(2026, 1, 22, 18, 42, 7, tzinfo=UTC)
SERVER = "http://shop.test:8420"
ME = Person(id="m-1", name="Dana R.")
SAM = Person(id="m-2", name="Sam K.")
VIDEO = Plan(code="video45", name="Video", minutes=45, price_cents=2999)
CHAT = Plan(code="chat30", name="Chat", minutes=30, price_cents=999)
DIAGNOSTIC = Plan(code="diagnostic60", name="Diagnostic", minutes=60, price_cents=4999)
PLANS = {"video": VIDEO, "chat": CHAT, "diagnostic": DIAGNOSTIC}


PROFILE = Profile(
    types={"video": Done(jobs=21, rating=4.62), "chat": Done(jobs=2)}, makes={"toyota": Done(jobs=8, rating=4.9)}
)


class Time:
    """Time that a test moves."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.clock = Clock(steady=lambda: self.seconds, wall=lambda: NOW + timedelta(seconds=self.seconds), zone=UTC)

    def forward(self, seconds: float) -> None:
        self.seconds += seconds


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


def request(row_id: str, name: str, label: str, concern: str, *, waited: float = 60, **changes: Any) -> Session:
    """An open request that has waited for so many seconds."""
    kind = changes.get("type", "video")
    fields: dict[str, Any] = {
        "id": row_id,
        "type": kind,
        "status": "pending",
        "customer_name": name,
        "vehicle": Vehicle(label=label, year=label[:4]),
        "concern": concern,
        "urgent": False,
        "files_count": 0,
        "plan": PLANS.get(kind),
        "created_at": ago(waited),
        "expires_at": ago(waited - 900),
        "version": 1,
    }
    return Session(**(fields | changes))


def taken(row: Session, by: Person = ME, **changes: Any) -> Session:
    """The request after somebody accepted it."""
    url = session_url(SERVER, row.type, row.id) if by is ME and row.type in PLANS else None
    fields: dict[str, Any] = {"status": "waiting", "mechanic": by, "accepted_at": NOW}
    fields |= {"version": row.version + 1, "url": url} | changes
    return row.model_copy(update={"join_by": fields["accepted_at"] + timedelta(minutes=10)} | fields)


def live(row: Session, *, since: float) -> Session:
    """A session that has been live for so many seconds."""
    joined = {"mechanic_joined_at": ago(since), "customer_joined_at": ago(since), "started_at": ago(since)}
    return row.model_copy(update={"status": "live", "version": row.version + 1, **joined})


def ended(row: Session, *, ago_seconds: float, length: float, status: str = "completed", **changes: Any) -> Session:
    """A session that ended so many seconds ago after running for `length` seconds."""
    fields = {
        "status": status,
        "mechanic": ME,
        "created_at": ago(ago_seconds + length + 120),
        "accepted_at": ago(ago_seconds + length + 80),
        "started_at": ago(ago_seconds + length) if length else None,
        "ended_at": ago(ago_seconds),
        "ended_by": "mechanic",
        "url": None,
        "version": 5,
    }
    return row.model_copy(update=fields | changes)


def history(row: Session, outcome: str) -> HistoryRow:
    return HistoryRow(**row.model_dump(), outcome=outcome)


CAMRY = request(
    "r-camry", "J. Doe", "2018 Toyota Camry LE",
    "STALLS AT 65 MPH, restarts after 2 min. Check engine light on since Monday.\n"
    "Rough idle when warm. Started after a fill-up.",
    waited=581, urgent=True, files_count=3, expires_at=NOW + timedelta(seconds=19),
    vehicle=Vehicle(label="2018 Toyota Camry LE", year="2018", make="Toyota", model="Camry LE",
                    vin="4T1B11HKXJU123456", plate="8ABC123", odometer="142310"),
)  # fmt: skip
KIA = request("r-kia", "M. Ruiz", "2015 Kia Optima EX", "P1326, ticking from the engine", waited=252, type="diagnostic")
BMW = request(
    "r-bmw", "Åsa Lindqvist", "2011 BMW 750i", "battery drains over night, 3rd battery already", waited=65, type="chat"
)
FORD = request("r-ford", "R. Patel", "2009 Ford F-150", "brake pedal soft, fluid looks low", waited=31)
OFFERED = taken(
    request("s-sam", "P. Osei", "2013 Subaru Outback", "head gasket smell, temperature climbs", waited=1500), by=SAM
).model_copy(update={"offered_by": SAM, "offer_note": "my lift is taken, you know Subarus", "join_by": None})
COLLEAGUES = Colleagues(
    items=(
        Colleague(id="m-6", name="Ada L.", types=("chat",), availability="on", here=True, busy=False),
        Colleague(id="m-4", name="Jo P.", types=("chat", "video"), availability="on", here=True, busy=True),
        Colleague(id="m-5", name="Kim Y.", types=("chat", "video"), availability="break", here=True, busy=False),
        Colleague(id="m-2", name="Sam K.", types=("chat", "video"), availability="on", here=True, busy=False),
        Colleague(id="m-3", name="Zoë W.", types=("chat", "video"), availability="on", here=False, busy=False),
    )
)
MINE = live(taken(request("s-mine", "T. Novak", "2008 Audi A4", "rattle at cold start", waited=1000)), since=751)
OPEN = (CAMRY, KIA, BMW, FORD)

HONDA = request("c-1", "M. Johnson", "2012 Honda Civic", "cranks but no start, clicks once")
ESCAPE = request("c-2", "Patience Okafor", "2019 Ford Escape", "coolant smell in the cabin", type="chat")
JETTA = request("c-3", "陳麗", "2016 VW Jetta", "DSG shudder 1st to 2nd", type="diagnostic")
COMPLETED = (
    ended(HONDA, ago_seconds=7200, length=860, rating=5, rating_comment="Explained it clearly.", has_summary=True),
    ended(ESCAPE, ago_seconds=14400, length=482, rating=2),
    ended(JETTA, ago_seconds=93000, length=1905),
)
HISTORY = (
    history(MINE, "active"),
    *(history(row, "completed") for row in COMPLETED),
    history(
        ended(request("h-1", "G. Weber", "2017 Audi Q5", "whistle under boost"), ago_seconds=100000, length=0,
              status="cancelled", ended_by="customer", end_reason="found a shop nearby"),
        "cancelled",
    ),
    history(request("h-2", "D. Silva", "2020 Tesla Model 3", "12 V warning", type="chat", waited=200000), "released"),
)  # fmt: skip


def earlier_of(n: int, outcome: str, days: int, **changes: Any) -> Earlier:
    """An ended session so many days ago, of the same vehicle unless told otherwise."""
    fields: dict[str, Any] = {
        "id": f"e-{n}", "type": "video", "outcome": outcome, "created_at": ago(days * 86400), "same_vehicle": True,
        "same_customer": True, "mechanic": SAM, "vehicle": "2018 Toyota Camry", "odometer": "150,200",
        "concern": "check engine light, P0420",
    }  # fmt: skip
    return Earlier(**(fields | changes))


EARLIER = EarlierPage(
    items=(
        earlier_of(1, "cancelled", 9, mechanic=None, concern="stalled once, then fine"),
        earlier_of(2, "completed", 80, findings="P0420: rear sensor follows the front one.", next_steps="O2 test."),
        earlier_of(3, "completed", 420, id="c-1", mine=True, mechanic=ME, same_customer=False, odometer="118,000 mi",
                   concern="squeal when braking", findings="Front pads at 2 mm."),
    ),
    next_cursor="more", total=4, seen=2, came=1,
)  # fmt: skip
EARLIER_MORE = EarlierPage(
    items=(earlier_of(4, "expired", 900, mechanic=None, same_vehicle=False, vehicle="2009 Ford F-150"),), total=4
)


FILES = (
    FileInfo(id="f1", name="dash.jpg", mime="image/jpeg", bytes=38_912, picture=True),
    FileInfo(id="f2", name="../engine bay.jpg", mime="image/jpeg", bytes=1_400_000, picture=True),
    FileInfo(id="f3", name="noise at idle.mp4", mime="video/mp4", bytes=5_300_000),
)
PHOTOS = {"f1": "cluster", "f2": "engine"}


@cache
def thumb_of(file_id: str) -> bytes:
    """One of the demo's photos, as the backend sends it small."""
    thumb = make_thumb(draw_photo(PHOTOS[file_id], Random(1)))
    assert thumb is not None
    return encode(*thumb)


def intake_of(row: Session, *, hidden: bool = True) -> Intake:
    car = row.vehicle
    return Intake(
        session_id=row.id, type=row.type, urgent=row.urgent, name=row.customer_name, contact_hidden=hidden,
        email=None if hidden else "j.doe@example.com", phone=None if hidden else "555-0142", city="San José",
        year=car.year, make=car.make, model=car.model, vin=car.vin, plate=car.plate, odometer=car.odometer,
        concern=row.concern, drivable=False,
        history=("2025-11-03 oil and filter, 131,020 km", "2025-08-19 plugs and coil 2 replaced"),
        files=FILES if row.files_count else (),
        created_at=row.created_at,
    )  # fmt: skip


def detail_of(row: Session) -> SessionDetail:
    steps: list[tuple[str, datetime, str, Person | None, str | None]] = [
        ("created", row.created_at, "customer", None, None)
    ]
    if row.accepted_at:
        steps.append(("accepted", row.accepted_at, "mechanic", row.mechanic, None))
    if row.started_at:
        steps.append(("started", row.started_at, "system", None, None))
    if row.ended_at:
        steps.append((row.status, row.ended_at, row.ended_by or "mechanic", row.mechanic, row.end_reason))
    events = tuple(
        TimelineEvent(seq=n, kind=kind, at=at, actor=actor, mechanic=who, reason=why)
        for n, (kind, at, actor, who, why) in enumerate(steps, 1)
    )
    summary = Summary(
        findings="No crank: battery 11.9 V at rest, starter ground corroded.",
        steps_taken="Cleaned the strap on camera; cranks normally.",
        parts_needed=None,
        next_steps="Replace the ground strap.",
        submitted_at=NOW,
    )
    return SessionDetail(
        session=row,
        events=events,
        summary=summary if row.has_summary else None,
        review=Review(rating=row.rating, comment="Explained it clearly.", created_at=NOW) if row.rating else None,
    )


def report_of(row: Session, **intake: Any) -> Report:
    detail, told = detail_of(row), intake_of(row, hidden=False).model_copy(update=intake)
    return Report(shop="Main Street Garage", intake=told, made_at=NOW, **dict(detail))


def stats_of(since: datetime, until: datetime) -> Stats:
    """Five sessions on each of two days, whatever the range."""
    half = Sum(sessions=5, price_cents=9995, share_cents=6997, length=Times(seconds=4300, median=860, longest=1905))
    whole = Sum(sessions=10, price_cents=19990, share_cents=13994, length=Times(seconds=8600, median=860, longest=1905))
    return Stats(
        since=since, until=until, total=whole, waited=Times(seconds=440, median=41, longest=200),
        by_type=(Part(name="chat", sum=half), Part(name="video", sum=half)),
        by_plan=(Part(name="Chat", sum=half), Part(name="Video", sum=half)),
        ratings=(0, 1, 0, 2, 4), cancelled=1, released=2, races_won=3, races_lost=1,
        slots=(Slot(at=ago(86_400), sum=half), Slot(at=ago(7200), sum=half)),
    )  # fmt: skip


def counts(**changes: int) -> Counts:
    return Counts(**({"incoming": 4, "active": 0, "completed": 41, "history": 212} | changes))


def snapshot(*rows: Session, **changes: int) -> SnapshotApplied:
    return SnapshotApplied(epoch="e1", seq=100, sessions=rows, counts=counts(**changes), me=ME)


_seq = iter(range(101, 1_000_000))


def event(kind: str, row: Session, *, gone: bool = False, at: datetime = NOW) -> EventApplied:
    return EventApplied(FeedEvent(seq=next(_seq), kind=kind, at=at, session=row, gone=gone), news=True)


def taken_by_sam(row: Session) -> EventApplied:
    return event("accepted", taken(row, by=SAM), gone=True, at=ago(1))


def already_taken(seconds_before: float = 0.8) -> Refused:
    problem = Problem(error="Sam K. has it", code="ALREADY_TAKEN", by=SAM, at=NOW - timedelta(seconds=seconds_before))
    return AlreadyTaken(problem, 409)


def refused(status: int, code: str, **more: Any) -> ApiError:
    return refusal(Problem(code=code, **{"error": f"Because of {code}"} | more), status)


class FakeFeed:
    """Says what a test puts in."""

    def __init__(self) -> None:
        self.queue: asyncio.Queue[Update] = asyncio.Queue()
        self.retried = 0
        self.read: list[str | None] = []

    def reading(self, session_id: str | None) -> None:
        self.read.append(session_id)

    async def updates(self) -> AsyncGenerator[Update, None]:
        while True:
            yield await self.queue.get()

    def retry_now(self) -> None:
        self.retried += 1

    def say(self, *updates: Update) -> None:
        for update in updates:
            self.queue.put_nowait(update)


@dataclass
class FakeClient:
    """Answers wishes as it was told to; keeps what it was asked."""

    server: str = SERVER
    rows: dict[str, Session] = field(default_factory=dict)
    answers: dict[str, ApiError] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    filters: list[Filters] = field(default_factory=list)
    settled: list[Settled] = field(default_factory=list)
    completed_rows: Sequence[Session] = COMPLETED
    history_rows: Sequence[HistoryRow] = HISTORY
    summaries: dict[str, SummaryRequest] = field(default_factory=dict)
    hold: asyncio.Event | None = None
    closed: bool = False

    async def _answer(self, verb: str, row_id: str) -> Session:
        self.asked.append((verb, row_id))
        if self.hold is not None:
            await self.hold.wait()
        if verb in self.answers:
            raise self.answers[verb]
        if row_id not in self.rows:
            raise refused(404, "NOT_FOUND")
        return self.rows[row_id]

    async def me(self) -> Me:
        if "me" in self.answers:
            raise self.answers["me"]
        return Me(id=ME.id, name=ME.name, types=("chat", "video"), counts=counts(), seq=100, server_now=NOW)

    async def completed(self, **filters: Unpack[Filters]) -> Page[Session]:
        self.filters.append(filters)
        if "completed" in self.answers:
            raise self.answers["completed"]
        return Page(items=tuple(self.completed_rows), total=41, seq=100, server_now=NOW)

    async def history(self, **filters: Unpack[Filters]) -> Page[HistoryRow]:
        self.filters.append(filters)
        if "history" in self.answers:
            raise self.answers["history"]
        return Page(items=tuple(self.history_rows), total=212, seq=100, server_now=NOW)

    async def session(self, session_id: str) -> SessionDetail:
        return detail_of(self._known(session_id))

    async def report(self, session_id: str) -> Report:
        row = await self._answer("report", session_id) if "report" in self.answers else self._known(session_id)
        return report_of(row)

    async def stats(self, since: datetime, until: datetime) -> Stats:
        self.asked.append(("stats", f"{since:%Y-%m-%d} {until:%Y-%m-%d}"))
        if "stats" in self.answers:
            raise self.answers["stats"]
        return stats_of(since, until)

    async def intake(self, session_id: str) -> Intake:
        if "intake" in self.answers:
            raise self.answers["intake"]
        row = self._known(session_id)
        return intake_of(row, hidden=row.mechanic is None or row.mechanic.id != ME.id)

    def _known(self, session_id: str) -> Session:
        every = [*OPEN, MINE, *self.rows.values(), *self.completed_rows, *self.history_rows]
        row = next((row for row in reversed(every) if row.id == session_id), None)
        if row is None:
            raise NotFound(Problem(error="no such session", code="NOT_FOUND"), 404)
        return row

    async def profile(self) -> Profile:
        return PROFILE

    async def earlier(self, session_id: str, cursor: str | None = None) -> EarlierPage:
        if "earlier" in self.answers:
            raise self.answers["earlier"]
        if session_id != CAMRY.id:
            return EarlierPage()
        return EARLIER_MORE if cursor else EARLIER

    async def thumb(self, session_id: str, file_id: str) -> bytes:
        return thumb_of(file_id)

    async def download(self, session_id: str, file_id: str, to: BinaryIO, progress: Callable[[int], None]) -> None:
        if "download" in self.answers:
            raise self.answers["download"]
        for part in (b"half ", b"whole"):
            to.write(part)
            progress(to.tell())

    async def accept(self, session_id: str) -> Accepted:
        row = await self._answer("accept", session_id)
        self.rows[session_id] = row = taken(row)
        return Accepted(sessionId=session_id, session=row)

    async def join(self, session_id: str) -> Changed:
        row = await self._answer("join", session_id)
        self.rows[session_id] = row = row.model_copy(update={"mechanic_joined_at": NOW, "version": row.version + 1})
        return Changed(session=row)

    async def release(self, session_id: str, reason: str = "") -> Changed:
        row = await self._answer("release", session_id)
        self.asked.append(("reason", reason))
        back = {"status": "pending", "mechanic": None, "accepted_at": None, "url": None, "version": row.version + 1}
        self.rows[session_id] = row = row.model_copy(update=back)
        return Changed(session=row)

    async def end(self, session_id: str, reason: str = "") -> Changed:
        row = await self._answer("end", session_id)
        status = "completed" if row.started_at else "cancelled"
        over = {"status": status, "ended_at": NOW, "ended_by": "mechanic", "url": None, "version": row.version + 1}
        self.rows[session_id] = row = row.model_copy(update=over)
        return Changed(session=row)

    async def summarize(self, session_id: str, summary: SummaryRequest) -> Changed:
        rows = {row.id: row for row in self.completed_rows} | self.rows
        self.rows = rows
        row = await self._answer("summarize", session_id)
        self.summaries[session_id] = summary
        self.rows[session_id] = row = row.model_copy(update={"has_summary": True, "version": row.version + 1})
        return Changed(session=row)

    async def pass_on(self, session_id: str, reason: str = "") -> Changed:
        row = await self._answer("pass", session_id)
        self.asked.append(("reason", reason))
        self.rows[session_id] = row = row.model_copy(update={"passed": True, "version": row.version + 1})
        return Changed(session=row)

    async def undo_pass(self, session_id: str) -> Changed:
        row = await self._answer("unpass", session_id)
        self.rows[session_id] = row = row.model_copy(update={"passed": False, "version": row.version + 1})
        return Changed(session=row)

    async def extend(self, session_id: str, minutes: int) -> Changed:
        row = await self._answer("extend", session_id)
        assert row.plan is not None
        plan = row.plan.model_copy(update={"minutes": row.plan.minutes + minutes})
        self.rows[session_id] = row = row.model_copy(update={"plan": plan, "version": row.version + 1})
        return Changed(session=row)

    async def colleagues(self) -> Colleagues:
        if "colleagues" in self.answers:
            raise self.answers["colleagues"]
        return COLLEAGUES

    async def offer(self, session_id: str, to: str, note: str = "") -> Changed:
        row = await self._answer("offer", session_id)
        self.asked.append(("to", f"{to} {note}"))
        who = next(each for each in COLLEAGUES.items if each.id == to)
        changes = {"offered_to": Person(id=to, name=who.name), "version": row.version + 1}
        self.rows[session_id] = row = row.model_copy(update=changes)
        return Changed(session=row)

    async def withdraw(self, session_id: str) -> Changed:
        row = await self._answer("withdraw", session_id)
        self.rows[session_id] = row = row.model_copy(update={"offered_to": None, "version": row.version + 1})
        return Changed(session=row)

    async def take(self, session_id: str) -> Changed:
        row = await self._answer("take", session_id)
        url = session_url(SERVER, row.type, row.id)
        mine = {"mechanic": ME, "offered_by": None, "offer_note": None, "url": url, "version": row.version + 1}
        self.rows[session_id] = row = row.model_copy(update=mine)
        return Changed(session=row)

    async def decline(self, session_id: str, reason: str = "") -> Changed:
        row = await self._answer("decline", session_id)
        self.asked.append(("reason", reason))
        kept = {"offered_by": None, "offer_note": None, "version": row.version + 1}
        self.rows[session_id] = row = row.model_copy(update=kept)
        return Changed(session=row)

    async def set_availability(self, availability: Availability) -> Available:
        self.asked.append(("availability", availability))
        if "availability" in self.answers:
            raise self.answers["availability"]
        return Available(availability=availability)

    async def settle(self) -> list[Settled]:
        self.asked.append(("settle", ""))
        if "settle" in self.answers:
            raise self.answers["settle"]
        settled, self.settled = self.settled, []
        return settled

    async def aclose(self) -> None:
        self.closed = True


class FakeDrafts:
    """Keeps drafts as long as the test runs."""

    def __init__(self) -> None:
        self.kept: dict[str, Draft] = {}

    def load(self, session_id: str) -> Draft:
        return self.kept.get(session_id, Draft())

    def save(self, session_id: str, draft: Draft) -> None:
        self.kept[session_id] = draft
        if not draft:
            self.remove(session_id)

    def remove(self, session_id: str) -> None:
        self.kept.pop(session_id, None)

    def ids(self) -> frozenset[str]:
        return frozenset(self.kept)


@dataclass
class FakeOpener:
    """Keeps what it was to open; `can_open` says whether there is a browser."""

    can_open: bool = False
    opened: list[str] = field(default_factory=list)

    def open(self, url: str) -> bool:
        if self.can_open:
            self.opened.append(url)
        return self.can_open


class Shop:
    """The app under test with all that it talks to."""

    def __init__(
        self,
        *rows: Session,
        theme: str = "",
        browser: bool = False,
        keymap: Keymap = DEFAULT,
        client: FakeClient | None = None,
        downloads: Path = DOWNLOADS,
        **changes: int,
    ) -> None:
        self.time = Time()
        self.client = client or FakeClient(rows={row.id: row for row in rows})
        self.feed = FakeFeed()
        self.opener = FakeOpener(can_open=browser)
        self.store = Store(self.time.clock, keymap)
        self.drafts = FakeDrafts()
        self.app = MechtuiApp(
            self.client,
            self.feed,
            keeps=Keeps(self.drafts, downloads),
            store=self.store,
            opener=self.opener,
            theme=theme,
        )
        self.app.dashboard.preview_seconds = 0.001
        if rows or changes:
            self.connect(*rows, **changes)

    def connect(self, *rows: Session, **changes: int) -> None:
        """What a good line says at first."""
        self.feed.say(
            LinkChanged(LinkState.CATCHING_UP),
            snapshot(*rows, **changes),
            LinkChanged(LinkState.LIVE),
            Fresh(NOW, 100),
            AuditTold(Audit(lost=0, of=1204)),
        )

    @property
    def toasts(self) -> list[str]:
        """What was said, oldest first."""
        return [f"{notice.title}: {notice.message}" for notice in self.app._notifications]

    @property
    def screen_text(self) -> str:
        """The whole screen as text."""
        width, height = self.app.size
        lines = self.app.screen._compositor.render_strips(self.app.size)
        return "\n".join(strip.crop(0, width).text for strip in lines[:height])

    async def until(self, pilot: Pilot[int], condition: Callable[[], bool], what: str = "") -> None:
        """Let the app work until a condition holds."""
        for _ in range(200):
            if condition():
                return
            await pilot.pause()
        raise AssertionError(f"never happened: {what or condition}\n{self.screen_text}")

    async def ready(self, pilot: Pilot[int]) -> None:
        """All that was put into the feed has been taken in and painted."""
        await self.until(pilot, self.feed.queue.empty, "the feed is read")
        busy = [worker for worker in self.app.workers if worker.group != "feed" and self.client.hold is None]
        if busy:
            await self.app.workers.wait_for_complete(busy)
        await pilot.pause()
