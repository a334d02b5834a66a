"""From an accept to the last of many terminals on the feed."""

import asyncio
from statistics import median

from benchmarks.shop import Account, Serving, new_shop, serving
from benchmarks.table import Row
from benchmarks.wire import HttpLine, Terminals, accept_request

_LIMITS_MS = {100: 7, 1000: 32}
Work = list[tuple[Account, str]]


def measure(crowds: tuple[int, ...] = (100, 1000), rounds: int = 25) -> list[Row]:
    """Each crowd, with a mechanic for every terminal, is told of so many accepts, one after the other."""
    return [row for crowd in crowds for row in _crowd(crowd, rounds)]


def _crowd(crowd: int, rounds: int) -> list[Row]:
    with new_shop() as shop:
        work = list(zip(shop.mechanics(rounds), shop.requests(rounds), strict=True))
        watchers = shop.mechanics(crowd)
        with serving(shop) as backend:
            sent, answered = asyncio.run(_told(backend, watchers, work))
    limit = _LIMITS_MS.get(crowd)
    beside = f"from sending the accept {median(sent):.1f} ms"
    return [Row(f"commit → last of {crowd:,} terminals", median(answered), "ms", limit, beside=beside)]


async def _told(backend: Serving, watchers: list[Account], work: Work) -> tuple[list[float], list[float]]:
    """Milliseconds until the last terminal was told, since each accept was sent, and since it was answered.

    The answer goes out right after the commit, before anybody is told.
    """
    terminals, line, loop = Terminals(watchers), await HttpLine.open(backend.port), asyncio.get_running_loop()
    await terminals.open(backend.port)
    sent: list[float] = []
    answered: list[float] = []
    for mechanic, session_id in work:
        told = terminals.all_told("delta")
        started = loop.time()
        await line.ask(accept_request(mechanic, session_id))
        durable = loop.time()
        last = await told
        sent.append((last - started) * 1000)
        answered.append(max(0.0, last - durable) * 1000)
    terminals.drop()
    await line.close()
    return sent, answered
