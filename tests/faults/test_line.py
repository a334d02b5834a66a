"""Terminals behind lines that cut, delay, repeat, lose and fall silent; once these heal, every screen is the database.

All waits of feed and backend are twenty times shorter here, so that a few seconds hold many cuts.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet
from textual.pilot import Pilot

import mechtui.feed
import mechtui.feed_line
import mechtui.server.app
import mechtui.server.hub
import mechtui.store
from mechtui.api_client import MechanicClient
from mechtui.app import MechtuiApp
from mechtui.config import Rules
from mechtui.feed import Feed
from mechtui.frames import Delta, Heartbeat
from mechtui.replica import Replica, Update
from mechtui.rows import Tab
from mechtui.screens.afterwards import Keeps
from mechtui.server.accounts import NewAccount
from mechtui.server.db.sqlite.connection import SqliteConnection, open_reader
from mechtui.terminal import Opener
from mechtui.wording import TAB_NAMES
from tests.dashboard.support import FakeDrafts
from tests.faults import LARGE
from tests.faults.proxy import CALM, Proxy, Weather, bad_line
from tests.faults.tally import Tally
from tests.faults.terminals import Row
from tests.faults.terminals import Terminal as Following
from tests.server.live import Shop, open_shop
from tests.server.support import database_url

SEEDS = range(300 if LARGE else 6)
EVENTS = 150
OPEN_REQUESTS = 25
"""As many as the screens here can show at once."""
CONVERGED_SECONDS = 60.0
"""Only there to end a test that hangs."""
WRONG_SECONDS = 2.0
"""What is still wrong after so long will stay so: the terminals ask several times meanwhile."""
SIZE = (120, 60)
STORM = Weather(delay=0.01, cut=0.03, freeze=0.02, drop=0.05, duplicate=0.1)


@pytest.fixture(autouse=True)
def _hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (mechtui.server.app, mechtui.server.hub):
        monkeypatch.setattr(module, "HEARTBEAT_SECONDS", 0.25)
    for module in (mechtui.feed, mechtui.server.hub):
        monkeypatch.setattr(module, "DEAD_SECONDS", 0.6)
    monkeypatch.setattr(mechtui.feed, "POLL_SECONDS", 0.25)
    monkeypatch.setattr(mechtui.feed, "LONGEST_BACKOFF_SECONDS", 0.5)
    monkeypatch.setattr(mechtui.feed_line, "OPEN_SECONDS", 0.3)
    monkeypatch.setattr(mechtui.store, "LEAVING_SECONDS", 0.1)


# --- what must be ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Truth:
    """What one mechanic must see, read from the file: rows, the order of the queue by concern, the four counts."""

    rows: frozenset[Row]
    queue: tuple[str, ...]
    counts: tuple[int, ...]


def truth(reader: SqliteConnection, me: str) -> Truth:
    mine = "mechanic_id = :me AND status IN ('waiting', 'live')"

    def ask(sql: str) -> list[tuple[object, ...]]:
        return reader.execute(sql, {"me": me}).fetchall()

    offered = "(SELECT session_id FROM handovers WHERE to_id = :me)"
    rows = ask(f"SELECT id, status, version FROM sessions WHERE status = 'pending' OR ({mine}) OR id IN {offered}")
    queue = ask(
        "SELECT i.concern, :me FROM sessions s JOIN intakes i ON i.id = s.intake_id "
        f"WHERE s.status = 'pending' OR s.id IN {offered} "
        f"ORDER BY s.id IN {offered} DESC, s.urgent DESC, s.created_at, s.id"
    )
    counts = ask(
        f"SELECT (SELECT count(*) FROM sessions WHERE status = 'pending' OR id IN {offered}), "
        f"(SELECT count(*) FROM sessions WHERE {mine}), "
        "(SELECT count(*) FROM sessions WHERE mechanic_id = :me AND status = 'completed'), "
        "(SELECT count(DISTINCT session_id) FROM events WHERE mechanic_id = :me AND kind <> 'offer_declined')"
    )[0]
    return Truth(frozenset(rows), tuple(str(concern) for concern, _ in queue), counts)  # type: ignore[arg-type]


def difference(wanted: Truth, seen: Truth) -> str:
    parts = {
        "rows missing": wanted.rows - seen.rows,
        "rows too many": seen.rows - wanted.rows,
        "queue": (wanted.queue, seen.queue) if wanted.queue != seen.queue else (),
        "counts": (wanted.counts, seen.counts) if wanted.counts != seen.counts else (),
    }
    return "; ".join(f"{name} {what}" for name, what in parts.items() if what)


# --- terminals ---------------------------------------------------------------------------------------------------


@dataclass(kw_only=True)
class Terminal(Following):
    """A terminal behind a line of its own."""

    proxy: Proxy

    def sees(self) -> Truth:
        """What this terminal holds, without what leaves the screen just now."""
        self.store.tick()
        return self.held()

    def held(self) -> Truth:
        incoming = self.store.rows(Tab.INCOMING)
        held = [*incoming.rows.values(), *self.store.rows(Tab.ACTIVE).rows.values()]
        queue = tuple(incoming.rows[row_id].concern for row_id in incoming.held)
        counts = tuple(self.store.count(tab) for tab in Tab)
        return Truth(frozenset((row.id, row.status, row.version) for row in held), queue, counts)


@dataclass(kw_only=True)
class Screen(Terminal):
    """A terminal with the real dashboard; its queue and its counts are read off what is painted."""

    pilot: Pilot[int] | None = None

    def sees(self) -> Truth:
        lines = self._painted()
        tabs = next(line for line in lines if "Incoming" in line)
        found = [tabs.partition(f"{name} ")[2].split()[0] for name in TAB_NAMES.values()]
        counts = tuple(int(word) if word.isdecimal() else -1 for word in found)
        return Truth(self.held().rows, self.concerns(), counts)

    def concerns(self) -> tuple[str, ...]:
        """What the list shows, from top to bottom."""
        return tuple(word for line in self._painted() for word in line.split() if word.startswith("concern-"))

    async def press(self, *keys: str) -> None:
        assert self.pilot is not None
        await self.pilot.press(*keys)

    def _painted(self) -> list[str]:
        assert self.pilot is not None
        strips = self.pilot.app.screen._compositor.render_strips()
        return ["".join(segment.text for segment in strip) for strip in strips]


async def _terminal(stack: AsyncExitStack, shop: Shop, account: NewAccount, weather: Weather, seed: str) -> Terminal:
    proxy = await stack.enter_async_context(bad_line(shop.backend_port, weather, seed))
    client = MechanicClient(proxy.url, account.token, timeout=0.3)
    stack.push_async_callback(client.aclose)
    feed = Feed(proxy.url, account.token, Replica(), client.snapshot)
    return Terminal(account=account, proxy=proxy, client=client, feed=feed)


async def _plain(stack: AsyncExitStack, shop: Shop, account: NewAccount, weather: Weather, seed: str) -> Terminal:
    terminal = await _terminal(stack, shop, account, weather, seed)
    following = asyncio.create_task(terminal.follow())

    async def end() -> None:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)

    stack.push_async_callback(end)
    return terminal


async def _screen(stack: AsyncExitStack, shop: Shop, account: NewAccount, weather: Weather, seed: str) -> Terminal:
    bare = await _terminal(stack, shop, account, weather, seed)
    app = MechtuiApp(bare.client, bare.feed, keeps=Keeps(FakeDrafts(), Path()), store=bare.store, opener=Opener(()))
    pilot = await stack.enter_async_context(app.run_test(size=SIZE))
    await pilot.press("p")
    return Screen(pilot=pilot, **vars(bare))


# --- what happens meanwhile ----------------------------------------------------------------------------------------


@dataclass
class Load:
    """A desk and two mechanics at work, over a good line of their own, until so many things have happened."""

    shop: Shop
    reader: SqliteConnection
    chance: random.Random
    left: int
    submitted: int = 0

    async def run(self) -> None:
        crew = (self._mechanic(self.shop.ann, self.shop.bob), self._mechanic(self.shop.bob, self.shop.ann))
        await asyncio.gather(self._desk(), *crew)

    async def _desk(self) -> None:
        while await self._goes_on():
            pending = self._ids("status = 'pending'")
            if len(pending) < OPEN_REQUESTS and self.chance.random() < 0.8:
                await self.submit()
            elif pending:
                await self.shop.act(self.chance.choice(pending), "cancel", reason="")

    async def submit(self) -> None:
        self.submitted += 1
        urgent = self.chance.random() < 0.2
        await self.shop.submit(concern=f"concern-{self.submitted}", urgent=urgent)

    async def _mechanic(self, me: NewAccount, colleague: NewAccount) -> None:
        """Accept what both may want, then any of what a mechanic does; refusals are part of it."""
        while await self._goes_on():
            held = self._ids(f"mechanic_id = '{me.id}' AND status IN ('waiting', 'live')")
            offered = self._ids(f"id IN (SELECT session_id FROM handovers WHERE to_id = '{me.id}')")
            pending = self._ids("status = 'pending'")
            if held:
                await self._work_on(held[0], me, colleague)
            elif offered:
                await self._answer(offered[0], me)
            elif pending:
                await self.shop.accept(self.chance.choice(pending), me.token)

    async def _work_on(self, held: str, me: NewAccount, colleague: NewAccount) -> None:
        """One step of a session."""
        match self.chance.choice(("join", "join", "customer", "end", "release", "offer", "withdraw")):
            case "customer":
                await self.shop.act(held, "join")
            case "join":
                await self.shop.act(held, "join", me.token)
            case "offer":
                await self.shop.act(held, "offer", me.token, to=colleague.id, note="")
            case "withdraw":
                await self.shop.call("POST", f"/api/sessions/{held}/withdraw", me.token)
            case verb:
                await self.shop.act(held, verb, me.token, reason="")

    async def _answer(self, offered: str, me: NewAccount) -> None:
        if self.chance.random() < 0.7:
            await self.shop.call("POST", f"/api/sessions/{offered}/take", me.token)
        else:
            await self.shop.act(offered, "decline", me.token, reason="no time")

    async def _goes_on(self) -> bool:
        await asyncio.sleep(self.chance.uniform(0.0, 0.015))
        self.left -= 1
        return self.left >= 0

    def _ids(self, which: str) -> list[str]:
        """Sessions whose submit was answered already."""
        ids = (str(row[0]) for row in self.reader.execute(f"SELECT id FROM sessions WHERE {which} ORDER BY id"))
        return [session_id for session_id in ids if session_id in self.shop.customers]


@dataclass
class Floor:
    """Four terminals of three mechanics, two of them with a screen, and the file all must agree with."""

    shop: Shop
    load: Load
    terminals: list[Terminal]
    reader: SqliteConnection

    @property
    def screens(self) -> list[Screen]:
        return [terminal for terminal in self.terminals if isinstance(terminal, Screen)]

    @property
    def faults(self) -> int:
        return sum(terminal.proxy.faults.total() for terminal in self.terminals)

    def set_weather(self, weather: Weather) -> None:
        for terminal in self.terminals:
            terminal.proxy.weather = weather

    def in_hand(self, account: NewAccount) -> tuple[str, ...]:
        """The concern of the session this mechanic has in hand, if any."""
        sql = (
            "SELECT i.concern FROM sessions s JOIN intakes i ON i.id = s.intake_id "
            "WHERE s.mechanic_id = ? AND s.status IN ('waiting', 'live')"
        )
        return tuple(str(concern) for (concern,) in self.reader.execute(sql, (account.id,)))

    def differing(self) -> list[str]:
        """Who does not see what is, or does not say that it is live."""
        said = []
        for terminal in self.terminals:
            wanted, seen = truth(self.reader, terminal.account.id), terminal.sees()
            if wanted != seen or not terminal.live:
                kind = type(terminal).__name__
                said.append(f"{kind} of {terminal.account.name} ({terminal.store.state}): {difference(wanted, seen)}")
        return said

    async def converge(self, seconds: float = CONVERGED_SECONDS) -> list[str]:
        """No faults from now on; who does not agree in time. Lines silent for good stay so."""
        self.set_weather(CALM)
        for screen in self.screens:
            await screen.press("1")
        return await self.agree(seconds)

    async def agree(self, seconds: float) -> list[str]:
        """Wait until all agree; who does not in time."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self.differing():
                    for screen in self.screens:
                        await screen.press("g")
                    await asyncio.sleep(0.02)
        return self.differing()


@asynccontextmanager
async def open_floor(path: Path, weather: Weather, seed: int) -> AsyncIterator[Floor]:
    async with AsyncExitStack() as stack:
        shop = await stack.enter_async_context(open_shop(database_url(path), rules=Rules(completed_seconds=0)))
        reader = open_reader(path)
        stack.callback(reader.close)
        who = ((_screen, shop.ann), (_plain, shop.ann), (_screen, shop.bob), (_plain, shop.ann))
        terminals = [
            await make(stack, shop, account, weather, f"{seed} {number}") for number, (make, account) in enumerate(who)
        ]
        yield Floor(shop, Load(shop, reader, random.Random(seed), EVENTS), terminals, reader)


@pytest.mark.parametrize("seed", SEEDS)
async def test_every_screen_is_the_database_once_the_lines_are_good(tmp_path: Path, seed: int, tally: Tally) -> None:
    async with open_floor(tmp_path / "shop.db", STORM, seed) as floor:
        await floor.load.run()
        assert await floor.converge() == []
        assert floor.faults > 20, "the lines were good: this proved nothing"
        for screen in floor.screens:
            await screen.press("2")
            assert screen.concerns() == floor.in_hand(screen.account)
        tally.add("terminals behind bad lines", seeds=1, events=EVENTS, faults=floor.faults)


# --- what a bug would look like ------------------------------------------------------------------------------------

Patch = Callable[[pytest.MonkeyPatch], None]


def gaps_are_swallowed(patch: pytest.MonkeyPatch) -> None:
    """Deltas are applied, and heartbeats believed, though those before them never came."""
    careful_delta, careful_heartbeat = Replica._delta, Replica._heartbeat

    def delta(self: Replica, frame: Delta) -> list[Update]:
        return careful_delta(self, frame.model_copy(update={"seq_from": min(frame.seq_from, self.seq)}))

    def heartbeat(self: Replica, frame: Heartbeat) -> list[Update]:
        return careful_heartbeat(self, frame.model_copy(update={"seq": min(frame.seq, self.seq)}))

    patch.setattr(Replica, "_delta", delta)
    patch.setattr(Replica, "_heartbeat", heartbeat)


def digests_are_not_compared(patch: pytest.MonkeyPatch) -> None:
    """A heartbeat is believed whatever rows it is about."""
    careful = Replica._heartbeat

    def careless(self: Replica, frame: Heartbeat) -> list[Update]:
        return careful(self, frame.model_copy(update={"digest": self.digest}))

    patch.setattr(Replica, "_heartbeat", careless)


def no_bug(patch: pytest.MonkeyPatch) -> None:
    """The control: without a bug, the same faults do no harm."""


def planted(bug: Patch) -> ParameterSet:
    """A bug that has to be caught."""
    return pytest.param(bug, True, marks=pytest.mark.planted)


@pytest.mark.parametrize(("bug", "caught"), [(no_bug, False), planted(gaps_are_swallowed)])
async def test_lost_frames_are_found_by_their_gap(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bug: Patch, caught: bool
) -> None:
    """Digests do not help here: the next delta or heartbeat must tell that deltas were lost."""
    digests_are_not_compared(monkeypatch)
    bug(monkeypatch)
    async with open_floor(tmp_path / "shop.db", Weather(drop=0.2), seed=1) as floor:
        await floor.load.run()
        assert bool(await floor.converge(WRONG_SECONDS if caught else CONVERGED_SECONDS)) is caught


@pytest.mark.parametrize(("bug", "caught"), [(no_bug, False), planted(digests_are_not_compared)])
async def test_a_row_that_silently_differs_is_found_by_the_digest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bug: Patch, caught: bool
) -> None:
    """Deltas come without gaps, but some of their events were left out on the way."""
    bug(monkeypatch)
    async with open_floor(tmp_path / "shop.db", Weather(hollow=0.2), seed=2) as floor:
        await floor.load.run()
        assert bool(await floor.converge(WRONG_SECONDS if caught else CONVERGED_SECONDS)) is caught


def silence_is_not_noticed(patch: pytest.MonkeyPatch) -> None:
    """A line is believed in however long nothing came."""
    patch.setattr(mechtui.feed, "DEAD_SECONDS", 1e9)


@pytest.mark.parametrize(("bug", "caught"), [(no_bug, False), planted(silence_is_not_noticed)])
async def test_a_line_that_fell_silent_for_good_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bug: Patch, caught: bool
) -> None:
    """Nothing tells the terminal: it finds out by itself, says so, and comes back over a new line."""
    bug(monkeypatch)
    async with open_floor(tmp_path / "shop.db", CALM, seed=3) as floor:
        assert await floor.agree(CONVERGED_SECONDS) == []
        before = [terminal.proxy.feeds for terminal in floor.terminals]
        for terminal in floor.terminals:
            terminal.proxy.silence()
        await floor.load.submit()
        assert bool(await floor.agree(WRONG_SECONDS if caught else CONVERGED_SECONDS)) is caught
        after = [terminal.proxy.feeds for terminal in floor.terminals]
        assert all((now > then) is not caught for now, then in zip(after, before, strict=True))
