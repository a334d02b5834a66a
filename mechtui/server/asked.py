"""Having customers forgotten who asked for it: by the backend that serves the database, else here and now."""

import asyncio
import contextlib

from mechtui.config import Rules
from mechtui.server.clock import ForwardClock, stamp, utc_now
from mechtui.server.db.customers import Customer, ask_to_forget, find, is_forgotten
from mechtui.server.db.engine import Engine, engine_of
from mechtui.server.db.errors import ServedError
from mechtui.server.db.events import Batch
from mechtui.server.db.forgetting import forget_asked
from mechtui.server.db.rows import Shop
from mechtui.server.db.writer import Writer

PATIENCE_SECONDS = 30.0
"""How long the backend that serves the database is waited for; it looks every five seconds."""
_LOOK_SECONDS = 0.2


def known(database: str, who: str) -> list[Customer]:
    """Whoever is meant. Raises `DatabaseError` where there is no database, too."""
    with engine_of(database).looking() as connection:
        return find(connection, who)


def forget(database: str, customer_id: str, by: str) -> bool:
    """Have a customer forgotten; whether it is done already. Kept as asked for, so that it is done in any case.

    Raises `DatabaseError` when it could not be asked for.
    """
    engine = engine_of(database)
    with engine.changing() as connection:
        ask_to_forget(connection, customer_id, stamp(utc_now()), by)
    return asyncio.run(_done(engine, customer_id))


async def _done(engine: Engine, customer_id: str) -> bool:
    try:
        await _here_and_now(engine)
    except ServedError:
        return await _waited(engine, customer_id)
    return True


async def _here_and_now(engine: Engine) -> None:
    """As a backend would, and beside those of a PostgreSQL database, which tell their terminals of it."""
    writer = Writer(engine.open_writer, Shop(Rules(), ""), ForwardClock(), _nobody_to_tell, _nobody_to_tell)
    try:
        while await writer.submit(forget_asked):
            pass
    finally:
        await asyncio.to_thread(writer.close)


def _nobody_to_tell(_: Batch | Exception) -> None:
    """There are no terminals here."""


async def _waited(engine: Engine, customer_id: str) -> bool:
    """Whether the backend that serves it did it meanwhile."""
    with engine.looking() as connection, contextlib.suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not is_forgotten(connection, customer_id):  # noqa: ASYNC110 - another process is waited for
                await asyncio.sleep(_LOOK_SECONDS)
            return True
    return False
