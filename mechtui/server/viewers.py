"""The terminals as the hub knows them: a line to write to, and what has been counted for its mechanic."""

from dataclasses import dataclass
from typing import Protocol

from mechtui.models import Availability, Kind
from mechtui.server.db.events import Event
from mechtui.server.db.sessions import Mechanic


class Line(Protocol):
    """One terminal's line, as the hub uses it: nothing here ever waits."""

    def send(self, text: str) -> None:
        """Write one frame."""

    def backlog(self) -> int:
        """Bytes written that the terminal has not taken yet."""
        ...

    def close(self, code: int, why: str) -> None:
        """Say why, then close."""

    def abort(self) -> None:
        """Drop the line without a word."""


class NoLine:
    """The line of a viewer who asks once over plain HTTP: nothing is ever sent on it."""

    def send(self, text: str) -> None:
        """Nobody is listening."""

    def backlog(self) -> int:
        """Nothing waits."""
        return 0

    def close(self, code: int, why: str) -> None:
        """There is nothing to close."""

    def abort(self) -> None:
        """There is nothing to drop."""


@dataclass(eq=False)
class Viewer:
    """One terminal: whose it is, how far it has been served, and what it last proved to have read."""

    mechanic: Mechanic
    line: Line
    completed: int
    history: int
    acked_at: float
    lagging_since: float | None = None
    reading: str | None = None
    availability: str = Availability.ON

    def count(self, event: Event) -> None:
        """Move the two counts that only the server knows on by one event."""
        mine = self.mechanic.id
        self.completed += event.kind == Kind.COMPLETED and event.row.mechanic_id == mine
        self.history += event.hand if event.mechanic_id == mine else 0
