"""Terminals of mechanics without a screen: the real client, feed and store."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field

from mechtui.api_client import MechanicClient
from mechtui.feed import Feed
from mechtui.replica import LinkState, Replica
from mechtui.rows import Tab
from mechtui.server.accounts import NewAccount
from mechtui.store import Store

Row = tuple[str, str, int]
"""Id, status, version."""


@dataclass(kw_only=True)
class Terminal:
    """One mechanic's terminal."""

    account: NewAccount
    client: MechanicClient
    feed: Feed
    store: Store = field(default_factory=Store)

    async def follow(self) -> None:
        """What the app does with the feed, without a screen."""
        async with aclosing(self.feed.updates()) as updates:
            async for update in updates:
                self.store.apply(update)

    @property
    def live(self) -> bool:
        return self.store.state is LinkState.LIVE

    def rows(self) -> frozenset[Row]:
        """What it holds, without what leaves the screen just now."""
        self.store.tick()
        held = [*self.store.rows(Tab.INCOMING).rows.values(), *self.store.rows(Tab.ACTIVE).rows.values()]
        return frozenset((row.id, row.status, row.version) for row in held if row.id not in self.store.leaving)


def seen_by(me: str, held: Iterable[tuple[object, ...]]) -> frozenset[Row]:
    """Of all open sessions (id, status, version, mechanic) those that this mechanic sees, offers left aside."""
    return frozenset(
        (str(row_id), str(status), int(str(version)))
        for row_id, status, version, whose in held
        if status == "pending" or whose == me
    )


@asynccontextmanager
async def following(server: str, accounts: list[NewAccount]) -> AsyncIterator[list[Terminal]]:
    """A terminal for each of these, at the backend or balancer with this address."""
    terminals = []
    for account in accounts:
        client = MechanicClient(server, account.token)
        feed = Feed(server, account.token, Replica(), client.snapshot)
        terminals.append(Terminal(account=account, client=client, feed=feed))
    tasks = [asyncio.create_task(terminal.follow()) for terminal in terminals]
    try:
        yield terminals
    finally:
        for task in tasks:
            task.cancel()
        ends = await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.gather(*(terminal.client.aclose() for terminal in terminals))
    assert all(isinstance(end, asyncio.CancelledError) for end in ends), ends
