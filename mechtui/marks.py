"""What a mechanic noted about requests on this terminal: snoozed, watched, and what of it can be undone. Pure.

Neither hides a request from anybody, nor from himself for long: a snoozed one stays in the list, below the others.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from mechtui.models import Session

SNOOZE_SECONDS = 300
WAKE_BEFORE_SECONDS = 120
"""A snoozed request is back at the latest when it has so long left."""
UNDOABLE = 20
"""So many steps can be undone."""


class Step(StrEnum):
    """A private step that can be undone."""

    PASSED = "passed"
    SNOOZED = "snoozed"
    WATCHED = "watched"


@dataclass(frozen=True)
class Undo:
    """A step, and the request it was about."""

    step: Step
    row: Session


def snooze_until(row: Session, now: datetime) -> datetime | None:
    """Until when a request could be put aside; nothing when it has too little time left for that."""
    until = min(now + timedelta(seconds=SNOOZE_SECONDS), row.expires_at - timedelta(seconds=WAKE_BEFORE_SECONDS))
    return until if until > now else None


class Marks:
    """Snoozed and watched requests, and the steps taken, latest last."""

    def __init__(self) -> None:
        self.snoozed: dict[str, datetime] = {}
        self.watched: dict[str, Session] = {}
        self.steps: list[Undo] = []

    def snooze(self, row: Session, until: datetime) -> None:
        """Put a request aside for a while."""
        self.snoozed[row.id] = until
        self.note(Step.SNOOZED, row)

    def wake(self, row_id: str) -> None:
        """It is no longer put aside."""
        self.snoozed.pop(row_id, None)

    def wake_due(self, now: datetime) -> set[str]:
        """Put aside no longer those whose time has come; which these are."""
        due = {row_id for row_id, until in self.snoozed.items() if until <= now}
        for row_id in due:
            del self.snoozed[row_id]
        return due

    def watch(self, row: Session) -> bool:
        """Watch a request somebody else took, or no longer; whether it is watched now."""
        if self.watched.pop(row.id, None) is not None:
            return False
        self.watched[row.id] = row
        self.note(Step.WATCHED, row)
        return True

    def note(self, step: Step, row: Session) -> None:
        """Remember a step, so that it can be undone."""
        self.steps = [*self.steps, Undo(step, row)][-UNDOABLE:]

    def last(self) -> Undo | None:
        """The step to undo next, which is forgotten with this."""
        return self.steps.pop() if self.steps else None
