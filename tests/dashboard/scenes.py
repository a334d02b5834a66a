"""Every screen and state worth a picture: used by the snapshots and by `make shots`."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from textual.app import App
from textual.pilot import Pilot

from mechtui.api_errors import OutcomeUnknown, Unreachable
from mechtui.app import WelcomeApp
from mechtui.models import Audit, Session, Vehicle
from mechtui.replica import AuditTold, LinkChanged, LinkState

from .support import (
    BMW,
    CAMRY,
    COMPLETED,
    FORD,
    KIA,
    MINE,
    NOW,
    OFFERED,
    OPEN,
    SERVER,
    Shop,
    already_taken,
    event,
    live,
    refused,
    request,
    taken,
    taken_by_sam,
)

Steps = Callable[[Shop, Pilot[int]], Awaitable[None]]


@dataclass(frozen=True)
class Scene:
    """Rows to begin with, then what is done."""

    rows: tuple[Session, ...]
    steps: Steps
    browser: bool = False


SCENES: dict[str, Scene] = {}

FORGOTTEN = {
    "customer_name": "(removed)", "concern": "(removed)", "vehicle": Vehicle(year="2012", label="2012 Honda Civic"),
    "end_reason": "(removed)", "rating_comment": None, "files_count": 0, "version": 9, "forgotten_at": NOW,
}  # fmt: skip
WAITING = taken(KIA, accepted_at=NOW - timedelta(minutes=12))
OVER = live(taken(request("s-over", "T. Novak", "2008 Audi A4", "rattle at cold start", waited=3600)), since=2830)
WIDE_NAMES = request("r-cjk", "陳麗麗", "2016 トヨタ プリウス", "異音がする。寒い朝に始動すると、カラカラ", waited=95)
LONG = request(
    "r-long",
    "Bartholomew Featherstonehaugh-Cholmondeley III",
    "2021 Mercedes-Benz Sprinter 3500XD High Roof",
    "It makes a noise " * 60,
    waited=400,
    files_count=12,
)
HOSTILE = request(
    "r-evil", "[bold red]Eve[/] \x1b[31m", "2011 \u202eBMW", "[@click=app.leave]x[/] \x1b]52;c;eA==\x07", waited=33
)


def scene(name: str, *rows: Session, browser: bool = False) -> Callable[[Steps], Steps]:
    def register(steps: Steps) -> Steps:
        SCENES[name] = Scene(rows, steps, browser)
        return steps

    return register


def keys(name: str, *rows: Session, press: tuple[str, ...] = (), browser: bool = False) -> None:
    """A scene that some keys lead to."""

    async def steps(shop: Shop, pilot: Pilot[int]) -> None:
        for key in press:
            await pilot.press(key)
            await shop.ready(pilot)

    SCENES[name] = Scene(rows, steps, browser)


keys("incoming", *OPEN)
keys("incoming strange text", WIDE_NAMES, LONG, HOSTILE, press=("down",))
keys("incoming filtered", *OPEN, press=("slash", *"video", "enter"))
keys("searching", *OPEN, press=("slash", "b", "a"))
keys("searching empty", *OPEN, press=("slash",))
keys("searching not understood", *OPEN, press=("slash", *"year:20x colour:red or camry"))
keys("search by field", *OPEN, press=("slash", *"code:P1326 or make:toyota or wait:<1m", "enter"))
keys("history filtered", *OPEN, press=("4", "slash", *"status:completed", "enter", "down"))
keys("saved filters", *OPEN, press=("f", "down"))
keys("saved filters history", *OPEN, press=("4", "f"))
keys("forget filter", *OPEN, press=("f", "down", "delete"))
keys("save filter", *OPEN, press=("slash", *"make:ford or kia", "enter", "F", *"Urgent"))
keys("go to day", *OPEN, press=("4", "D", *"last week"))
keys("nothing found", *OPEN, press=("slash", *"zzz", "enter"))
keys("active live", MINE)
keys("active not joined", WAITING)
keys("active overtime", OVER)
keys("active none", *OPEN, press=("2",))
keys("completed", *OPEN, press=("3",))
keys("history", *OPEN, press=("4",))
keys("intake", *OPEN, press=("enter",))
keys("intake long", LONG, press=("enter", "G"))
keys("intake completed", *OPEN, press=("3", "enter", "G"))
keys("intake history", *OPEN, press=("4", "down", "down", "down", "down", "enter", "G"))
keys("earlier", *OPEN, press=("v", "down"))
keys("earlier none", *OPEN, press=("down", "v"))
keys("files no colour", *OPEN, press=("t",))
keys("files video", *OPEN, press=("t", "down", "down"))
keys("hand-off", *OPEN, press=("down", "a"))
keys("hand-off browser", *OPEN, press=("down", "a"), browser=True)
keys("export", *OPEN, press=("3", "E"))
keys("stats", *OPEN, press=("5", "down", "down"))
keys("stats month", *OPEN, press=("5", "l", "end"))
keys("summary", *OPEN, press=("3", "down", "s", *"Coolant"))
keys("report", *OPEN, press=("3", "d", "down"))
keys("release", WAITING, press=("R", "down"))
keys("pass", *OPEN, press=("down", "x"))
keys("passed", *OPEN, press=("down", "x", "enter"))
keys("snoozed", *OPEN, press=("down", "z"))
keys("add time", MINE, press=("T", "down"))
keys("hand over", MINE, press=("H",))
keys("hand over not possible", MINE, press=("H", "down", "down", "enter"))
keys("hand over note", MINE, press=("H", "enter", *"lift 2"))
keys("handed to", MINE, press=("H", "enter", "enter"))
keys("hand over withdraw", MINE, press=("H", "enter", "enter", "H"))
keys("offered", OFFERED, *OPEN)
keys("offered intake", OFFERED, *OPEN, press=("enter",))
keys("offered decline", OFFERED, *OPEN, press=("x",))
keys("availability", *OPEN, press=("S", "down"))
keys("on a break", *OPEN, press=("S", "2"))
keys("release own words", WAITING, press=("R", "4", *"lift is broken"))
keys("end completes", MINE, press=("e",))
keys("end cancels", WAITING, press=("e",))
keys("quit live", MINE, press=("q",))
keys("help", *OPEN, press=("question_mark",))
keys("palette", *OPEN, press=("ctrl+p",))
keys("preview off", *OPEN, press=("p",))


@scene("reminded", MINE)
async def reminded(shop: Shop, pilot: Pilot[int]) -> None:
    shop.time.forward(28 * 60)
    shop.app._tick()
    await shop.ready(pilot)


@scene("incoming empty", FORD)
async def empty(shop: Shop, pilot: Pilot[int]) -> None:
    shop.feed.say(event("created", BMW), taken_by_sam(BMW), taken_by_sam(FORD))
    await shop.ready(pilot)
    shop.time.forward(41)
    shop.app.changed(shop.store.tick())
    shop.app.clear_notifications()


@scene("incoming many", *(request(f"r-{n:02}", f"Name {n}", "2018 Toyota Camry", f"noise number {n}", waited=800 - n)
                          for n in range(60)))  # fmt: skip
async def many(shop: Shop, pilot: Pilot[int]) -> None:
    await pilot.press("pagedown", "pagedown", "pagedown")


@scene("arrivals", *OPEN[1:])
async def arrivals(shop: Shop, pilot: Pilot[int]) -> None:
    await pilot.press("down")
    shop.feed.say(event("created", CAMRY))
    await shop.ready(pilot)


def forgotten(name: str, *press: str) -> None:
    """Its customer is forgotten while it is shown."""

    @scene(name, *OPEN)
    async def steps(shop: Shop, pilot: Pilot[int]) -> None:
        for key in press:
            await pilot.press(key)
            await shop.ready(pilot)
        row = COMPLETED[0].model_copy(update=FORGOTTEN)
        shop.client.completed_rows, shop.client.history_rows = (row,), ()
        shop.feed.say(event("forgotten", row))
        await shop.ready(pilot)


forgotten("forgotten", "3")
forgotten("forgotten history", "4", "down")
forgotten("forgotten intake", "3", "enter")


def photos(name: str, *press: str) -> None:
    @scene(name, *OPEN)
    async def steps(shop: Shop, pilot: Pilot[int]) -> None:
        shop.app.desk.photos.shown = True
        for key in press:
            await pilot.press(key)
            await shop.ready(pilot)


photos("files", "t", "down")
photos("photo", "t", "space")
photos("intake photos", "enter", "G")


@scene("claiming", *OPEN)
async def claiming(shop: Shop, pilot: Pilot[int]) -> None:
    shop.client.hold = asyncio.Event()
    await pilot.press("a")


@scene("lost", *OPEN)
async def lost(shop: Shop, pilot: Pilot[int]) -> None:
    shop.client.answers["accept"] = already_taken()
    await pilot.press("a")
    await shop.until(pilot, lambda: bool(shop.toasts))


@scene("busy with another", *OPEN)
async def busy(shop: Shop, pilot: Pilot[int]) -> None:
    shop.client.answers["accept"] = refused(
        409, "MECHANIC_HAS_ACTIVE_SESSION", session_id=MINE.id, url=MINE.url,
        error="You already have an active session; end it or give it back first.",
    )  # fmt: skip
    await pilot.press("a")
    await shop.until(pilot, lambda: bool(shop.toasts))


@scene("checking", *OPEN)
async def checking(shop: Shop, pilot: Pilot[int]) -> None:
    shop.client.answers |= {
        "accept": OutcomeUnknown("key-1", "no answer within 4 s"),
        "settle": Unreachable(SERVER, "no answer within 4 s"),
    }
    await pilot.press("a")
    await shop.until(pilot, lambda: bool(shop.store.read_only))


def line_state(name: str, state: LinkState, why: str, retry_in: float | None, seconds: float) -> None:
    @scene(name, *OPEN)
    async def steps(shop: Shop, pilot: Pilot[int]) -> None:
        shop.time.forward(1)
        shop.feed.say(LinkChanged(state, why, retry_in))
        await shop.ready(pilot)
        shop.time.forward(seconds)
        shop.app._tick()


line_state("state catching up", LinkState.CATCHING_UP, "the rows held differ from the server's", None, 2)
line_state("state polling", LinkState.POLLING, "403 from a proxy", 10, 1)
line_state("state stale", LinkState.STALE, "nothing heard for 12 s", 50, 43)
line_state("state offline", LinkState.OFFLINE, "connection refused", 76, 72)
line_state("state signed out", LinkState.SIGNED_OUT, "The token was revoked.", None, 1)
line_state("state too old", LinkState.TOO_OLD, "The terminal is too old: update it.", None, 1)


@scene("never connected")
async def never(shop: Shop, pilot: Pilot[int]) -> None:
    shop.feed.say(LinkChanged(LinkState.OFFLINE, f"no backend reached at {SERVER}: connection refused", 4))
    await shop.ready(pilot)


@scene("sessions lost", *OPEN)
async def some_are_lost(shop: Shop, pilot: Pilot[int]) -> None:
    shop.feed.say(AuditTold(Audit(lost=3, of=1204)))
    await shop.ready(pilot)


@scene("history not loaded", *OPEN)
async def not_loaded(shop: Shop, pilot: Pilot[int]) -> None:
    shop.client.answers["history"] = Unreachable(SERVER, "connection refused")
    await pilot.press("4")
    await shop.ready(pilot)


@scene("intake not loaded", *OPEN)
async def intake_not_loaded(shop: Shop, pilot: Pilot[int]) -> None:
    shop.client.answers["intake"] = Unreachable(SERVER, "connection refused")
    await pilot.press("enter")
    await shop.ready(pilot)


@dataclass(frozen=True)
class Stage:
    """An app and how to bring it to its scene."""

    app: App[int]
    prepare: Callable[[Pilot[int]], Awaitable[None]]


def stage(name: str, theme: str = "") -> Stage:
    """The app of a scene, ready to run; `welcome` is the one without a token."""
    if name == "welcome":
        return Stage(WelcomeApp(SERVER, theme), _settle)
    wanted = SCENES[name]
    shop = Shop(*wanted.rows, theme=theme, browser=wanted.browser)

    async def prepare(pilot: Pilot[int]) -> None:
        await shop.ready(pilot)
        # What a second brings is brought now, so that a picture does not depend on how long it takes.
        shop.app._tick()
        await shop.ready(pilot)
        shop.app.clear_notifications()
        await wanted.steps(shop, pilot)
        await _settle(pilot)

    return Stage(shop.app, prepare)


async def _settle(pilot: Pilot[int]) -> None:
    await pilot.pause()
    await pilot.pause()


NAMES = (*SCENES, "welcome")
