"""A mechanic with 50,000 sessions behind him: pages from the backend, and typing in the dashboard's search."""

import asyncio
import time
from statistics import median

from benchmarks.dashboard import dashboard
from benchmarks.shop import Account, Serving, new_shop, serving
from benchmarks.table import Row, percentile
from benchmarks.terminal import Burst, Terminal
from benchmarks.wire import HttpLine, get_request

_PAGE = "/api/mechanic/all-history?limit=50"
_WORDS = ("grinding ", "toyota camry ", "will not start ")
_LIMIT_MS = 16.0


def measure(rows: int = 50_000, rounds: int = 15) -> list[Row]:
    """The first page and a search over HTTP; then keys typed into the search of History."""
    with new_shop() as shop:
        mechanic = shop.mechanics(1)[0]
        shop.past(mechanic, rows)
        with serving(shop) as backend:
            first, found = asyncio.run(_pages(backend, mechanic, rounds))
            with dashboard(shop, backend, mechanic) as screen:
                typed = _typed(screen)
    milliseconds = [burst.seconds * 1000 for burst in typed]
    return [
        Row(f"first page of {rows:,} sessions, over HTTP", first, "ms", 50),
        Row(f"first page of a search in {rows:,} sessions, over HTTP", found, "ms"),
        Row("typing in the search of History, a key, p50", percentile(milliseconds, 50), "ms", _LIMIT_MS),
        Row("typing in the search of History, a key, p95", percentile(milliseconds, 95), "ms", _LIMIT_MS),
    ]


async def _pages(backend: Serving, mechanic: Account, rounds: int) -> tuple[float, float]:
    line = await HttpLine.open(backend.port)
    first = [await _milliseconds(line, get_request(mechanic, _PAGE)) for _ in range(rounds)]
    found = [await _milliseconds(line, get_request(mechanic, f"{_PAGE}&q=camry+grind")) for _ in range(rounds)]
    await line.close()
    return median(first), median(found)


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
