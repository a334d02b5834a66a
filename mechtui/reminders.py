"""What a mechanic is reminded of about the session in hand: the end of its plan, and that it waits for him. Pure."""

from datetime import datetime

from mechtui.changes import News, Topic
from mechtui.models import Session, Status

WARNED_AT = (300, 60, 0)
"""Seconds before the end of the plan at which is warned; the last is the end itself."""
AGAIN_SECONDS = 300
"""A session that nobody joined, or that runs on, is called to mind again after so long."""


class Reminders:
    """What is due for one session after another; each warning is given once."""

    def __init__(self) -> None:
        self._session = ""
        self._minutes = 0
        self._warned = len(WARNED_AT)
        self._reminded_at: datetime | None = None

    def due(self, active: Session | None, now: datetime) -> tuple[News, ...]:
        """What to say now of the session in hand."""
        if active is None:
            return ()
        minutes = active.plan.minutes if active.plan else 0
        if (active.id, minutes) != (self._session, self._minutes):
            self._session, self._minutes, self._reminded_at = active.id, minutes, None
            self._warned = sum(self._left(active, now) <= at for at in WARNED_AT)
        if active.status == Status.LIVE and active.plan:
            return self._of_plan(active, now)
        late = active.status == Status.WAITING and active.join_by is not None and now >= active.join_by
        return self._again(News(Topic.FORGOTTEN, active), now) if late else ()

    def _of_plan(self, active: Session, now: datetime) -> tuple[News, ...]:
        passed = sum(self._left(active, now) <= at for at in WARNED_AT)
        if passed > self._warned:
            self._warned = passed
            self._reminded_at = now
            return (News(Topic.OVERTIME if passed == len(WARNED_AT) else Topic.PLAN_ENDS, active),)
        return self._again(News(Topic.OVERTIME, active), now) if passed == len(WARNED_AT) else ()

    def _again(self, news: News, now: datetime) -> tuple[News, ...]:
        if self._reminded_at is not None and (now - self._reminded_at).total_seconds() < AGAIN_SECONDS:
            return ()
        self._reminded_at = now
        return (news,)

    @staticmethod
    def _left(active: Session, now: datetime) -> float:
        if active.started_at is None or active.plan is None:
            return float("inf")
        return active.plan.minutes * 60 - (now - active.started_at).total_seconds()
