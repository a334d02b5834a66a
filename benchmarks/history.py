"""A mechanic with 50,000 sessions behind him: pages from the backend, typing in the search, the far end of the list."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from statistics import median

from benchmarks.dashboard import dashboard
from benchmarks.shop import Account, Serving, new_shop, serving
from benchmarks.table import Row, percentile
from benchmarks.terminal import Burst, Terminal
from benchmarks.wire import HttpLine, get_request

_PAGE = "/api/mechanic/all-history?limit=50"
_PAGES: tuple[tuple[str, str, float | None], ...] = (
    ("first page", "", 50),
    ("last page", "&back=true", None),
    ("page of a day a year ago", f"&at={datetime.now(UTC) - timedelta(days=365):%Y-%m-%dT%H:%M:%SZ}", None),
    ("search by two words", "&q=camry+grind", None),
    ("search by fields", "&q=make:toyota+year:2010..+code:P0+-type:chat+rating:%3E=1+or+wait:%3E10m", None),
)
_WORDS = ("grinding ", "toyota camry ", "will not start ")
_STATS = "/api/mechanic/stats"
_LIMIT_MS = 16.0


def measure(rows: int = 50_000, rounds: int = 15) -> list[Row]:
    """The first page and a search over HTTP; then keys typed into the search of History."""
    with new_shop() as shop:
        mechanic = shop.mechanics(1)[0]
        shop.past(mechanic, rows)
        with serving(shop) as backend:
            pages = asyncio.run(_pages(backend, mechanic, rounds))
            with dashboard(shop, backend, mechanic) as screen:
                typed, last = _typed(screen), screen.press("G")
    milliseconds = [burst.seconds * 1000 for burst in typed]
    return [
        *(Row(f"{what} of {rows:,} sessions, over HTTP", taken, "ms", limit) for what, taken, limit in pages),
        Row(f"G to the last of {rows:,} sessions, painted", last.seconds * 1000, "ms"),
        Row("typing in the search of History, a key, p50", percentile(milliseconds, 50), "ms", _LIMIT_MS),
        Row("typing in the search of History, a key, p95", percentile(milliseconds, 95), "ms", _LIMIT_MS),
    ]


async def _pages(backend: Serving, mechanic: Account, rounds: int) -> list[tuple[str, float, float | None]]:
    """Each kind of page: its name, how long it takes, and how long it may."""
    line = await HttpLine.open(backend.port)
    pages: list[tuple[str, float, float | None]] = []
    for what, place, limit in _PAGES:
        request = get_request(mechanic, f"{_PAGE}{place}")
        pages.append((what, median([await _milliseconds(line, request) for _ in range(rounds)]), limit))
    figures = median([await _milliseconds(line, get_request(mechanic, _STATS)) for _ in range(5)])
    await line.close()
    return [*pages, ("a mechanic's figures", figures, None)]


async def _milliseconds(line: HttpLine, request: bytes) -> float:
    started = time.perf_counter()
    await line.ask(request)
    return (time.perf_counter() - started) * 1000


def _typed(screen: Terminal) -> list[Burst]:
    """Each word is typed, then taken back letter by letter."""
    screen.until("LIVE")
    screen.press("4")
    screen.rest(1.0)
    screen.press("/")
    return [screen.press(key) for word in _WORDS for key in word + "\x7f" * len(word)]
