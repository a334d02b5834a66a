"""What was asked and what was answered, key by key, as those who asked know it."""

import json
from dataclasses import dataclass, field
from typing import Any

from mechtui.journal import Entry, Journal
from tests.simulation.machine import Reply
from tests.simulation.world import World

NOT_SENT = "not sent"
TOO_LATE = "too late to ask"


@dataclass
class Asked:
    """One write. `outcome` is what its journal says; `said` the answer that told it."""

    who: str
    entry: Entry
    began: float
    ended: float | None = None
    outcome: str = ""
    status: int = 0
    said: dict[str, Any] = field(default_factory=dict)
    last: Reply | None = None

    @property
    def verb(self) -> str:
        """accept, release, …"""
        verb = self.entry.path.split("/")[-1]
        return "submit" if verb == "intakes" else verb

    @property
    def session(self) -> str:
        """The session it is about, or ""."""
        if self.verb == "accept":
            return str(json.loads(self.entry.body)["requestId"])
        return "" if self.verb == "submit" else self.entry.path.split("/")[-2]

    @property
    def answered(self) -> bool:
        """Whether the backend has told what became of it."""
        return self.status > 0

    def __str__(self) -> str:
        told = f"{self.status} {self.said.get('code', '')}".rstrip() if self.answered else self.outcome or "unknown"
        return f"{self.who}'s {self.verb} {self.session[:8]} ({self.entry.key[:8]}): {told}"


@dataclass
class Ledger:
    """Every write of a run, by its key."""

    world: World
    asked: dict[str, Asked] = field(default_factory=dict)

    def begun(self, who: str, entry: Entry) -> None:
        """A write is on its asker's disk now."""
        self.asked[entry.key] = Asked(who, entry, self.world.now)
        self.world.note(who, f"wishes {self.asked[entry.key].verb} {self.asked[entry.key].session[:8]} {entry.key[:8]}")

    def heard(self, key: str, reply: Reply) -> None:
        """An answer has arrived."""
        if key in self.asked:
            self.asked[key].last = reply

    def settled(self, key: str, outcome: str) -> None:
        """Its asker has written down what became of it. If he forgets, he asks again, and is told the same."""
        asked = self.asked[key]
        last = None if outcome in (NOT_SENT, TOO_LATE) else asked.last
        said: dict[str, Any] = {}
        status = 0
        if last is not None:
            said, status = json.loads(last.body), last.status
        elif outcome not in (NOT_SENT, TOO_LATE):
            self.world.blame(f"{asked}: taken for {outcome} without an answer to its key")
        if asked.answered and (asked.status, asked.said) != (status, said):
            self.world.blame(f"{asked}, and later {status} {said.get('code', '')}")
        asked.ended = self.world.now if asked.ended is None else asked.ended
        asked.outcome, asked.status, asked.said = outcome, status, said
        self.world.note(asked.who, f"knows: {asked}")


class NotedJournal(Journal):
    """A journal whose every line the ledger hears of."""

    ledger: Ledger
    who: str

    def begin(self, entry: Entry) -> None:
        super().begin(entry)
        self.ledger.begun(self.who, entry)

    def settle(self, key: str, outcome: str) -> None:
        super().settle(key, outcome)
        self.ledger.settled(key, outcome)
