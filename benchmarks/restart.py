"""A backend that was killed: how soon it accepts again. One that is asked to end: how soon it is gone."""

import asyncio
import signal
import time
from statistics import median

from benchmarks.shop import Account, Serving, Shop, end, new_shop, serving, start_backend
from benchmarks.table import Row
from benchmarks.wire import HttpLine, Terminals, accept_request

_TERMINALS = 100


def measure(rounds: int = 5, terminals: int = _TERMINALS) -> list[Row]:
    """`rounds` kills in a shop with a past; then one SIGTERM in front of open feeds that never say goodbye."""
    with new_shop() as shop:
        mechanics = shop.mechanics(rounds + terminals)
        shop.past(mechanics[0], 2000)
        requests = shop.requests(rounds)
        restart = median(_restarts(shop, mechanics, requests))
        with serving(shop) as backend:
            gone = asyncio.run(_until_gone(backend, mechanics[-terminals:]))
    return [
        Row("backend killed and restarted → first accept", restart, "s", 1),
        Row(f"SIGTERM → exit, {terminals} feeds open", gone, "s", 3),
    ]


def _restarts(shop: Shop, mechanics: list[Account], requests: list[str]) -> list[float]:
    backend = start_backend(shop)
    times: list[float] = []
    for mechanic, session_id in zip(mechanics, requests, strict=False):
        backend.process.send_signal(signal.SIGKILL)
        end(backend.process)
        started = time.perf_counter()
        backend = start_backend(shop, backend.port)
        asyncio.run(_accept(backend, mechanic, session_id))
        times.append(time.perf_counter() - started)
    end(backend.process)
    return times


async def _accept(backend: Serving, mechanic: Account, session_id: str) -> None:
    line = await HttpLine.open(backend.port)
    await line.ask(accept_request(mechanic, session_id))
    await line.close()


async def _until_gone(backend: Serving, mechanics: list[Account]) -> float:
    terminals = Terminals(mechanics)
    await terminals.open(backend.port)
    started = time.perf_counter()
    backend.process.terminate()
    await asyncio.to_thread(backend.process.wait)
    seconds = time.perf_counter() - started
    terminals.drop()
    return seconds
