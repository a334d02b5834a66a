"""From the start of the dashboard to the first screen that shows the requests, beside its imports alone."""

import sys
from functools import partial

from benchmarks.dashboard import ROWS_SHOWN, dashboard, shop_with_backend
from benchmarks.shop import Account, Serving, Shop
from benchmarks.table import Row
from benchmarks.timing import alternating, seconds_of

_IMPORTS = [sys.executable, "-c", "import textual, httpx, websockets, pydantic"]
_USED = [sys.executable, "-c", "import textual.app, httpx, websockets.asyncio.client, pydantic.types"]
"""The packages import most of themselves only when it is used: this is what any dashboard made of them needs."""


def measure(rounds: int = 7) -> list[Row]:
    """A start in front of 50 open requests; the yardstick takes turns with it."""
    with shop_with_backend(open_requests=50) as shop:
        takes = (partial(seconds_of, _IMPORTS), partial(seconds_of, _USED), partial(_start, *shop))
        imports, used, start = alternating(rounds, *takes)
    beside = f"import textual, httpx, websockets, pydantic {imports:.2f} s; what is used of them {used:.2f} s"
    return [Row("start → first useful screen", start, "s", 1.25 * imports + 0.1, beside=beside)]


def _start(shop: Shop, backend: Serving, mechanic: Account) -> float:
    with dashboard(shop, backend, mechanic) as screen:
        return screen.until(ROWS_SHOWN)
