"""Accepts over HTTP, each durable before it is answered: one client alone, then 64 at once."""

import asyncio
import time
from statistics import median

from benchmarks.shop import Account, Serving, Shop, new_shop, serving
from benchmarks.table import Row, percentile
from benchmarks.wire import HttpLine, accept_request, get_request

_CLIENTS = 64
Work = list[tuple[Account, str]]


def measure(alone: int = 400, each: int = 40, rounds: int = 3) -> list[Row]:
    """`alone` accepts of one client; then, several times, `each` of every one of 64 clients."""
    with new_shop() as shop:
        one = _work(shop, alone)
        shares = [_shares(_work(shop, _CLIENTS * each)) for _ in range(rounds)]
        with serving(shop) as backend:
            health, _ = asyncio.run(_all(backend, [[get_request(one[0][0], "/api/health")] * alone]))
            single, _ = asyncio.run(_all(backend, [_accepts(one)]))
            racing = [asyncio.run(_all(backend, [_accepts(work) for work in share])) for share in shares]
    slowest = median(percentile(times, 99) for times, _ in racing)
    rate = median(len(times) / seconds for times, seconds in racing)
    beside = f"GET /api/health {percentile(health, 50):.2f} ms"
    return [
        Row("accept over HTTP, one client, p50", percentile(single, 50), "ms", 1, beside=beside),
        Row("accept over HTTP, one client, p99", percentile(single, 99), "ms", 5),
        Row("accept over HTTP, 64 at once, p99", slowest, "ms", 65),
        Row("accepts over HTTP, 64 at once", rate, "/s", 2000, at_least=True),
    ]


def _work(shop: Shop, accepts: int) -> Work:
    return list(zip(shop.mechanics(accepts), shop.requests(accepts), strict=True))


def _shares(work: Work) -> list[Work]:
    return [work[n::_CLIENTS] for n in range(_CLIENTS)]


def _accepts(work: Work) -> list[bytes]:
    return [accept_request(mechanic, session_id) for mechanic, session_id in work]


async def _all(backend: Serving, shares: list[list[bytes]]) -> tuple[list[float], float]:
    """Every share sent by a client of its own: the milliseconds of each request, and the seconds all of it took."""
    lines = [await HttpLine.open(backend.port) for _ in shares]
    started = time.perf_counter()
    times = await asyncio.gather(
        *(_one_after_the_other(line, share) for line, share in zip(lines, shares, strict=True))
    )
    seconds = time.perf_counter() - started
    for line in lines:
        await line.close()
    return [ms for share in times for ms in share], seconds


async def _one_after_the_other(line: HttpLine, requests: list[bytes]) -> list[float]:
    times: list[float] = []
    for request in requests:
        started = time.perf_counter()
        await line.ask(request)
        times.append((time.perf_counter() - started) * 1000)
    return times
