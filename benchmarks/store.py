"""Durable accepts a second of the store, beside two bare loops.

One does what one commit of 64 accepts cannot do without: the conditional UPDATE, the event, the stored answer, one
position of the feed a batch, FULL sync; what is timed begins with the second commit, when all statements are prepared,
since a backend lives for weeks. It has no queue, no threads, no JSON, and reads nothing back: what it stores as
an answer tells nobody anything. The other reads each row back and stores it as JSON, which is what the answer is.
"""

import asyncio
import gc
import time
from collections.abc import Callable, Iterator
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
from mechtui.server.db.connection import Connection
from mechtui.server.db.rows import SessionRow, own_view, read_session
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
    gc.freeze()  # as the backend does when it has started
    with TemporaryDirectory(prefix="mechtui-bench-") as ours, TemporaryDirectory(prefix="mechtui-bench-") as bare:
        store_shop, bare_shop = Shop(Path(ours)), Shop(Path(bare))
        rates = [
            (
                asyncio.run(store_rate(store_shop, new_work(store_shop, accepts))),
                _bare_rate(bare_shop, new_work(bare_shop, accepts), _nothing),
                _bare_rate(bare_shop, new_work(bare_shop, accepts), _read_back),
            )
            for _ in range(rounds)
        ]
    store, bare, answering = (median(rate) for rate in zip(*rates, strict=True))
    return [
        Row("durable accepts of the store, beside a bare loop",
            median(ours / theirs for ours, theirs, _ in rates), " ×", 0.8, at_least=True,
            beside=f"store {store:,.0f}/s, bare loop {bare:,.0f}/s"),
        Row("the same, beside a loop that reads back what it answers",
            median(ours / theirs for ours, _, theirs in rates), " ×",
            beside=f"store {store:,.0f}/s, bare loop {answering:,.0f}/s"),
    ]  # fmt: skip


def new_work(shop: Shop, accepts: int) -> Work:
    return list(zip(shop.mechanics(accepts), shop.requests(accepts), strict=True))


async def store_rate(shop: Shop, work: Work) -> float:
    terms = StoreShop(Rules(), "http://127.0.0.1")
    store = Store(shop.url, terms)

    def encode(row: SessionRow) -> str:
        return to_json({"sessionId": row.id, "session": own_view(row, terms)})

    async def carry_out(some: Work) -> None:
        await asyncio.gather(
            *(
                store.answer(
                    Ticket(f"mechanic:{account.id}", session_id, "0" * 64),
                    Accept(Mechanic(account.id, "", _TYPES), session_id),
                    encode,
                )
                for account, session_id in some
            )
        )

    try:
        await carry_out(work[:BATCH])
        started = time.perf_counter()
        await carry_out(work[BATCH:])
        return (len(work) - BATCH) / (time.perf_counter() - started)
    finally:
        await store.close()


def _nothing(connection: Connection, session_id: str) -> str:
    return "x" * 900


def _read_back(connection: Connection, session_id: str) -> str:
    return to_json(read_session(connection, session_id))


def _bare_rate(shop: Shop, work: Work, answer: Callable[[Connection, str], str]) -> float:
    connection = open_writer(shop.path)
    _carry_out(connection, work[:BATCH], answer)
    started = time.perf_counter()
    _carry_out(connection, work[BATCH:], answer)
    seconds = time.perf_counter() - started
    connection.close()
    return (len(work) - BATCH) / seconds


def _carry_out(connection: Connection, work: Work, answer: Callable[[Connection, str], str]) -> None:
    for batch in batches(work):
        now = stamp(utc_now())
        connection.execute("BEGIN IMMEDIATE")
        for account, session_id in batch:
            won = connection.execute(_UPDATE, {"me": account.id, "now": now, "id": session_id}).fetchall()
            assert won, "the request was open"
            stored = (f"mechanic:{account.id}", session_id, "0" * 64, answer(connection, session_id), now)
            connection.execute(_ANSWER, stored)
        last = cast(int, connection.execute(_HEAD, (len(batch),)).fetchall()[0][0])
        seqs = range(last - len(batch) + 1, last + 1)
        connection.executemany(
            _EVENT, [(seq, session_id, account.id, now) for seq, (account, session_id) in zip(seqs, batch, strict=True)]
        )
        connection.execute("COMMIT")


def batches(work: Work) -> Iterator[Work]:
    for start in range(0, len(work), BATCH):
        yield work[start : start + BATCH]
