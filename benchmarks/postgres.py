"""Durable accepts a second of the store on PostgreSQL, beside bare loops over `asyncpg`, on a server on this disk.

One does each accept in a transaction of its own, with the statements it cannot do without. Another does a commit's 64
accepts as sets: one UPDATE, one INSERT of the answers, one of the events. Neither has a queue, threads or JSON, or
reads anything back. The third does as sets what an accept of several backends is: it reads the rows back, stores them
as answers and leaves them for others.
"""

import asyncio
import gc
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import asyncpg

from benchmarks.shop import Shop
from benchmarks.store import Work, batches, new_work, store_rate
from benchmarks.table import Row
from mechtui.server.clock import stamp, utc_now
from mechtui.server.db.rows import SELECT_SESSION
from mechtui.server.db.writer import BATCH
from mechtui.server.demo.own_postgres import OWNER, OwnServer
from mechtui.server.wire import to_json

_BODY, _PRINT = "x" * 900, "0" * 64
_TAKE_ONE = (
    "UPDATE sessions SET status = 'waiting', mechanic_id = $1, accepted_at = $2, version = version + 1 "
    "WHERE id = $3 AND status = 'pending' AND expires_at > $2 RETURNING id"
)
_TAKE_ALL = (
    "UPDATE sessions s SET status = 'waiting', mechanic_id = w.me, accepted_at = $2, version = version + 1 "
    "FROM unnest($1::text[], $3::text[]) AS w (me, id) "
    "WHERE s.id = w.id AND s.status = 'pending' AND s.expires_at > $2 RETURNING s.id"
)
_HEAD = "UPDATE feed_head SET seq = seq + $1 RETURNING seq"
_ANSWERS = (
    "INSERT INTO idempotency (principal, key, fingerprint, status, body, at) "
    "SELECT 'mechanic:' || w.me, w.id, $3, 200, $4, $5 FROM unnest($1::text[], $2::text[]) AS w (me, id)"
)
_READ = f"{SELECT_SESSION} WHERE s.id = ANY ($1)"
_STORE = (
    "INSERT INTO idempotency (principal, key, fingerprint, status, body, at) "
    "SELECT 'mechanic:' || w.me, w.id, $3, 200, w.body, $5 "
    "FROM unnest($1::text[], $2::text[], $4::text[]) AS w (me, id, body)"
)
_LEAVE = "INSERT INTO outbox (seq_to, seq_from, backend, at, events) VALUES ($1, $2, 'bench', $3, $4)"
_EVENTS = (
    "INSERT INTO events (seq, session_id, kind, actor, mechanic_id, at) "
    "SELECT $1 + w.n, w.id, 'accepted', 'mechanic', w.me, $2 "
    "FROM unnest($3::text[], $4::text[]) WITH ORDINALITY AS w (me, id, n)"
)

Loop = Callable[[asyncpg.Connection, Work], Awaitable[None]]


def measure(rounds: int = 3, accepts: int = 1024) -> list[Row]:
    """All three take turns, on one server and one database."""
    gc.freeze()  # as the backend does when it has started
    server = OwnServer(place=Path(tempfile.gettempdir()))
    try:
        with TemporaryDirectory(prefix="mechtui-bench-") as folder:
            shop = Shop(Path(folder), url=server.url(OWNER))
            rates = [_round(shop, accepts) for _ in range(rounds)]
    finally:
        server.close()
    store, sets, singly, telling = (median(rate) for rate in zip(*rates, strict=True))
    return [
        Row("PostgreSQL: durable accepts of the store, beside a bare loop of sets",
            median(ours / theirs for ours, theirs, *_ in rates), " ×", 0.8, at_least=True,
            beside=f"store {store:,.0f}/s, bare loop {sets:,.0f}/s"),
        Row("PostgreSQL: the same, beside one that reads back and tells others",
            median(ours / theirs for ours, _, _, theirs in rates), " ×",
            beside=f"store {store:,.0f}/s, bare loop {telling:,.0f}/s"),
        Row("PostgreSQL: the same, beside a bare transaction an accept",
            median(ours / theirs for ours, _, theirs, _ in rates), " ×", 5, at_least=True,
            beside=f"store {store:,.0f}/s, one by one {singly:,.0f}/s"),
    ]  # fmt: skip


def _round(shop: Shop, accepts: int) -> tuple[float, float, float, float]:
    ours = asyncio.run(store_rate(shop, new_work(shop, accepts)))
    sets = asyncio.run(_rate(shop, new_work(shop, accepts), _as_sets))
    singly = asyncio.run(_rate(shop, new_work(shop, BATCH + accepts // 4), _one_by_one))
    telling = asyncio.run(_rate(shop, new_work(shop, accepts), _as_told_sets))
    return ours, sets, singly, telling


async def _rate(shop: Shop, work: Work, loop: Loop) -> float:
    connection = await asyncpg.connect(shop.url)
    await loop(connection, work[:BATCH])
    started = time.perf_counter()
    await loop(connection, work[BATCH:])
    seconds = time.perf_counter() - started
    await connection.close()
    return (len(work) - BATCH) / seconds


async def _as_sets(connection: asyncpg.Connection, work: Work) -> None:
    for batch in batches(work):
        await _commit(connection, batch, _TAKE_ALL, [account.id for account, _ in batch], [i for _, i in batch])


async def _as_told_sets(connection: asyncpg.Connection, work: Work) -> None:
    for batch in batches(work):
        now, us, ids = stamp(utc_now()), [account.id for account, _ in batch], [session_id for _, session_id in batch]
        async with connection.transaction():
            await connection.fetch(_TAKE_ALL, us, now, ids)
            rows = {row[0]: to_json(tuple(row)) for row in await connection.fetch(_READ, ids)}
            await connection.execute(_STORE, us, ids, _PRINT, [rows[session_id] for session_id in ids], now)
            last = await connection.fetchval(_HEAD, len(batch))
            await connection.execute(_EVENTS, last - len(batch), now, us, ids)
            await connection.execute(_LEAVE, last, last - len(batch), now, to_json(list(rows.values())))


async def _one_by_one(connection: asyncpg.Connection, work: Work) -> None:
    for account, session_id in work:
        await _commit(connection, [(account, session_id)], _TAKE_ONE, account.id, session_id)


async def _commit(connection: asyncpg.Connection, batch: Work, take: str, who: object, what: object) -> None:
    now, us, ids = stamp(utc_now()), [account.id for account, _ in batch], [session_id for _, session_id in batch]
    async with connection.transaction():
        won = await connection.fetch(take, who, now, what)
        assert len(won) == len(batch), "the requests were open"
        await connection.execute(_ANSWERS, us, ids, _PRINT, _BODY, now)
        last = await connection.fetchval(_HEAD, len(batch))
        await connection.execute(_EVENTS, last - len(batch), now, us, ids)
