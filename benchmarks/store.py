"""Durable accepts a second of the store, beside a bare loop of the same statements.

The loop does what one commit of 64 accepts cannot do without: the conditional UPDATE, the event, the stored answer,
one position of the feed a batch, FULL sync. It has no queue, no threads, no JSON, and reads nothing back.
"""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import cast

from benchmarks.shop import Account, Shop
from benchmarks.table import Row
from mechtui.config import Rules
from mechtui.server.clock import stamp, utc_now
from mechtui.server.db.accepts import Accept
from mechtui.server.db.answers import Ticket
from mechtui.server.db.rows import SessionRow, own_view
from mechtui.server.db.rows import Shop as StoreShop
from mechtui.server.db.sessions import Mechanic
from mechtui.server.db.sqlite.connection import open_writer
from mechtui.server.db.store import Store
from mechtui.server.db.writer import BATCH
from mechtui.server.wire import to_json

_TYPES = ("chat", "video", "diagnostic")
Work = list[tuple[Account, str]]

_UPDATE = (
    "UPDATE sessions SET status = 'waiting', mechanic_id = :me, accepted_at = :now, version = version + 1 "
    "WHERE id = :id AND status = 'pending' AND expires_at > :now RETURNING id"
)
_HEAD = "UPDATE feed_head SET seq = seq + ? RETURNING seq"
_EVENT = (
    "INSERT INTO events (seq, session_id, kind, actor, mechanic_id, at) VALUES (?, ?, 'accepted', 'mechanic', ?, ?)"
)
_ANSWER = "INSERT INTO idempotency (principal, key, fingerprint, status, body, at) VALUES (?, ?, ?, 200, ?, ?)"


def measure(rounds: int = 5, accepts: int = 2048) -> list[Row]:
    """Both take turns, each on a database of its own; then the store with one accept after the other."""
    with TemporaryDirectory(prefix="mechtui-bench-") as ours, TemporaryDirectory(prefix="mechtui-bench-") as bare:
        store_shop, bare_shop = Shop(Path(ours)), Shop(Path(bare))
        rates = [
            (
                asyncio.run(store_rate(store_shop, new_work(store_shop, accepts))),
                _bare_rate(bare_shop, new_work(bare_shop, accepts)),
            )
            for _ in range(rounds)
        ]
    store, loop = median(rate for rate, _ in rates), median(rate for _, rate in rates)
    ratio = median(ours / theirs for ours, theirs in rates)
    return [
        Row("durable accepts of the store, beside a bare loop", ratio, " ×", 0.8, at_least=True,
            beside=f"store {store:,.0f}/s, bare loop {loop:,.0f}/s"),
    ]  # fmt: skip


def new_work(shop: Shop, accepts: int) -> Work:
    return list(zip(shop.mechanics(accepts), shop.requests(accepts), strict=True))


async def store_rate(shop: Shop, work: Work) -> float:
    terms = StoreShop(Rules(), "http://127.0.0.1")
    store = Store(shop.url, terms)

    def encode(row: SessionRow) -> str:
        return to_json({"sessionId": row.id, "session": own_view(row, terms)})

    try:
        started = time.perf_counter()
        await asyncio.gather(
            *(
                store.answer(
                    Ticket(f"mechanic:{account.id}", session_id, "0" * 64),
                    Accept(Mechanic(account.id, "", _TYPES), session_id),
                    encode,
                )
                for account, session_id in work
            )
        )
        return len(work) / (time.perf_counter() - started)
    finally:
        await store.close()


def _bare_rate(shop: Shop, work: Work) -> float:
    connection = open_writer(shop.path)
    body = "x" * 900
    started = time.perf_counter()
    for batch in batches(work):
        now = stamp(utc_now())
        connection.execute("BEGIN IMMEDIATE")
        for account, session_id in batch:
            won = connection.execute(_UPDATE, {"me": account.id, "now": now, "id": session_id}).fetchall()
            assert won, "the request was open"
            connection.execute(_ANSWER, (f"mechanic:{account.id}", session_id, "0" * 64, body, now))
        last = cast(int, connection.execute(_HEAD, (len(batch),)).fetchall()[0][0])
        seqs = range(last - len(batch) + 1, last + 1)
        connection.executemany(
            _EVENT, [(seq, session_id, account.id, now) for seq, (account, session_id) in zip(seqs, batch, strict=True)]
        )
        connection.execute("COMMIT")
    seconds = time.perf_counter() - started
    connection.close()
    return len(work) / seconds


def batches(work: Work) -> Iterator[Work]:
    for start in range(0, len(work), BATCH):
        yield work[start : start + BATCH]
