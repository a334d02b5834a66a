"""Being woken when any backend has committed. Whoever is not woken looks by himself, a little later."""

import asyncio
import contextlib
from collections.abc import Callable

import asyncpg

from mechtui.server.db.outbox import CHANNEL
from mechtui.server.db.postgres.connection import CONNECT_SECONDS, FAILURES, SETTINGS

RETRY_SECONDS = 2.0


async def listen(database: str, wake: Callable[[], None]) -> None:
    """Call `wake` after each commit, for ever; while there is no line to the server, never."""
    while True:
        with contextlib.suppress(*FAILURES):
            await _listen_on_one_line(database, wake)
        await asyncio.sleep(RETRY_SECONDS)


async def _listen_on_one_line(database: str, wake: Callable[[], None]) -> None:
    ended = asyncio.Event()
    line = await asyncpg.connect(database, timeout=CONNECT_SECONDS, server_settings=SETTINGS)
    try:
        line.add_termination_listener(lambda _: ended.set())
        await line.add_listener(CHANNEL, lambda *_: wake())
        wake()
        await ended.wait()
    finally:
        line.terminate()
