"""The real dashboard in a real pty, and a mechanic's day on it: the lists, a session from accept to end, what was."""

import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.hostile.corpus import PAYLOADS
from tests.hostile.judge import DASHBOARD_CSI, Allowed
from tests.hostile.shop import HostileShop, Seeded
from tests.hostile.terminal import Terminal, terminal

BELL = "\x07"
SAFE, UNSAFE = "tests.hostile.watched_dashboard", "tests.hostile.unsafe_dashboard"
FOLDER = "saved \x1b]0;zq206x\x07\u202e"
FILTER = ("Mine \x1b]0;zq207x\x07\u202e", "video \x1b]0;zq208x\x07\u202e colour:\x9b2J")
"""A saved filter somebody has passed on: its name and its query."""


BARE = {"start", "end"}
"""Places that show nothing anybody wrote."""


@dataclass(frozen=True)
class Visit:
    """A tour: what is done in it, and which screens and widgets of ours it has painted."""

    go: Callable[[HostileShop, Terminal], Awaitable[None]]
    paints: frozenset[str]


@asynccontextmanager
async def dashboard(
    seeded: Seeded, tmp_path: Path, size: tuple[int, int], module: str = SAFE
) -> AsyncIterator[tuple[HostileShop, Terminal]]:
    """A shop with its backend, and the dashboard of the mechanic looked at, whose own settings are hostile, too."""
    config, saved = tmp_path / "config.toml", json.dumps(FOLDER)
    config.write_text(f"client.downloads = {saved}\n[filters]\n{json.dumps(FILTER[0])} = {json.dumps(FILTER[1])}\n")
    async with seeded.opened(tmp_path / "shop.db") as hostile:
        environ = {
            "MECHTUI_TOKEN": hostile.me.token,
            "MECHTUI_CONFIG": str(config),
            "MECHTUI_TEST_PAINTED": str(tmp_path / "painted"),
            "HOME": str(tmp_path),
            "XDG_STATE_HOME": str(tmp_path),
        }
        async with terminal(module, ["--server", hostile.shop.url], environ, size, legible=module != UNSAFE) as screen:
            yield hostile, screen


async def tour(hostile: HostileShop, screen: Terminal) -> None:
    """Everything a mechanic may look at, with customers and a rival at work meanwhile."""
    await incoming(screen)
    await intake(screen)
    await news(hostile, screen)
    await a_session(hostile, screen)
    await what_was(screen)
    await search(screen)
    screen.at("end")
    await screen.press("q")


async def incoming(screen: Terminal) -> None:
    screen.at("incoming and preview")
    await screen.sees("LIVE")
    for _ in range(len(PAYLOADS) // 7):
        await screen.press("page down")
    await screen.press("G", "g")


async def intake(screen: Terminal) -> None:
    screen.at("intake")
    await screen.press("enter", until="Esc close")
    for _ in range(10):
        await screen.press("page down")
    screen.at("VIN copied")
    await screen.press("y", until="Sent to your clipboard")
    await screen.leave("Esc close")


async def news(hostile: HostileShop, screen: Terminal) -> None:
    screen.at("toast of a new request")
    taken = await hostile.submit(1, urgent=True)
    await screen.sees("URGENT request")
    screen.at("toast of one taken")
    await hostile.shop.accept(taken, hostile.rival.token)
    await screen.sees("Taken by")


async def a_session(hostile: HostileShop, screen: Terminal) -> None:
    """From accept to end by the customer."""
    screen.at("hand-off")
    await screen.press("1", "g")
    await screen.press("a", until="Accepted: it is yours")
    await screen.press("y", until="The page's address")
    screen.at("active")
    await screen.leave("to Active")
    await screen.press("2", until="STATUS")
    screen.at("toast of the customer's joining")
    await hostile.shop.act(hostile.worst, "join")
    await screen.sees("has joined")
    screen.at("intake with contact")
    await screen.press("enter", until="CONCERN")
    await screen.page_to("phone")
    await screen.press("page down", "page down")
    await screen.leave("Esc close")
    screen.at("giving back")
    await screen.press("R", until="Give it back")
    await screen.leave("Give it back")
    screen.at("page again")
    await screen.press("o", until="Open this page")
    await screen.leave("Open this page")
    screen.at("ending")
    await screen.press("e", until="End the session?")
    await screen.leave("End the session?")
    screen.at("toast of the end")
    await hostile.shop.act(hostile.worst, "end", reason=PAYLOADS[0].text)
    await screen.sees(" by customer")


async def what_was(screen: Terminal) -> None:
    screen.at("completed")
    await screen.press("3", until="ENDED")
    await screen.press("page down", "page down", "page down")
    screen.at("rating and timeline")
    await screen.press("enter", until="Esc close")
    await screen.press("G", until="TIMELINE")
    await screen.leave("Esc close")
    screen.at("history")
    await screen.press("4", until="OUTCOME")
    await screen.press("page down", "page down", "page down", "page down")
    screen.at("timeline of one given back")
    await screen.press("down", "enter", until="Esc close")
    await screen.press("G")
    await screen.leave("Esc close")


async def search(screen: Terminal) -> None:
    """What a mechanic copied from somewhere is pasted into the search line."""
    screen.at("search")
    await screen.press("1", until="WAIT")
    await screen.press("/", "z", "q")
    screen.at("hostile paste into the search")
    await screen.press("\x1b[200~\x1b]0;zq203x\x07\u202ezq203x\x1b[201~", until="zq203x")
    await screen.press("enter")
    await screen.leave("zq203x")


def allowed(hostile: HostileShop) -> Allowed:
    base = hostile.shop.backend.shop.public_url
    pages = re.compile(re.escape(base) + r"/(?:chat|video|diagnostic)/[0-9a-f-]{36}")
    copied = frozenset({f"{base}/video/{hostile.worst}", hostile.safe_vin})
    title = re.compile(r"\(\d+!?\) mechtui|mechtui: [a-z -]+")
    return Allowed(frozenset({BELL}), DASHBOARD_CSI, pages, copied, title)


DAY = Visit(tour, frozenset({"DashboardScreen", "IntakePanel"}))
