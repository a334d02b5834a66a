"""The desk: customers submit, join, cancel and end, over a line as bad as any."""

import asyncio
import random
from dataclasses import dataclass, field
from pathlib import Path

from mechtui.api_client import DeskClient
from mechtui.api_errors import ApiError
from mechtui.models import SubmitRequest
from mechtui.server.accounts import NewAccount
from tests.simulation.ledger import Ledger, NotedJournal
from tests.simulation.net import SERVER, Link, Transport
from tests.simulation.nodes import Node
from tests.simulation.world import World

NAME = "desk"


@dataclass
class Desk:
    """All customers, at one desk. What it asked is settled before it asks for more."""

    world: World
    account: NewAccount
    link: Link
    ledger: Ledger
    folder: Path
    works: bool = True
    customers: int = 0
    known: list[str] = field(default_factory=list)

    def start(self) -> None:
        """Open the shop."""
        self.link.heard = self.ledger.heard
        self.node = Node(NAME, self.world.chance(NAME))
        journal = NotedJournal(self.folder / f"{NAME}.journal")
        journal.ledger, journal.who = self.ledger, NAME
        self.client = DeskClient(
            SERVER, self.account.token, journal=journal, transport=Transport(self.link), clock=self.world.loop.time,
            sleep=asyncio.sleep, jitter=self.node.chance.uniform,
        )  # fmt: skip
        self.node.start(self._work(self.node.chance))

    @property
    def settled(self) -> bool:
        """Whether nothing is asked, and nothing unknown."""
        return all(asked.ended is not None for asked in self.ledger.asked.values() if asked.who == NAME)

    async def _work(self, chance: random.Random) -> None:
        while True:
            await asyncio.sleep(chance.uniform(0.3, 3.0))
            try:
                if not self.settled:
                    await self.client.settle()
                elif self.works:
                    await self._do_something(chance)
            except ApiError as error:
                self.world.note(NAME, f"is told: {type(error).__name__}")

    async def _do_something(self, chance: random.Random) -> None:
        if not self.known or chance.random() < 0.5:
            await self._submit(chance)
            return
        session_id = chance.choice(self.known[-6:])
        verb = chance.choice(("join", "join", "join", "cancel", "end"))
        if verb == "join":
            await self.client.join(session_id)
        elif verb == "cancel":
            await self.client.cancel(session_id)
        else:
            await self.client.end(session_id)

    async def _submit(self, chance: random.Random) -> None:
        """A customer of whom one in four has been here before."""
        self.customers += 1
        who = self.customers if chance.random() < 0.75 else chance.randint(1, self.customers)
        wish = SubmitRequest.model_validate(
            {"type": chance.choice(("chat", "video")), "name": f"Jo {who}", "email": f"jo{who}@example.com",
             "concern": f"concern-{self.customers}", "urgent": chance.random() < 0.2}
        )  # fmt: skip
        answer = await self.client.submit(wish)
        self.known.append(answer.session.id)
