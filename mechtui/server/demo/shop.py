"""The shop's past: three weeks of work before a given moment, and what is open at that moment.

A plan only, pure and the same for the same seed: `seed.py` carries it out with the real transitions.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from random import Random

from mechtui.models import SessionType
from mechtui.server.demo.scenarios import Problem
from mechtui.server.demo.visits import TROUBLE_CODE, Visit, visits

DANA = "Dana Ruiz"
"""The mechanic whose dashboard the demo shows."""
SAM = "Sam Kowalski"
"""The one who is sometimes faster."""

_DAYS = 21
_SUNDAY = 6
_OPENS = time(8, 0, tzinfo=UTC)
_OPEN_MINUTES = 9 * 60
_LONGEST_SLOT = 90
_DANA_BEFORE_TODAY = 37
_TODAY_HOURS_AGO = (7.5, 5.0, 2.6)
_OPEN_MINUTES_AGO = (10.5, 6.0, 2.5, 0.7)
_RACED = 5
"""For each so-many-th request the other mechanic presses, too, a moment later."""
_EXPIRY = timedelta(minutes=15, seconds=20)


class Verb(StrEnum):
    """What one step of the past does; each is a transition of the server's."""

    SUBMIT = "submit"
    ACCEPT = "accept"
    ACCEPT_TOO_LATE = "accept too late"
    RELEASE = "release"
    MECHANIC_JOINS = "mechanic joins"
    CUSTOMER_JOINS = "customer joins"
    MECHANIC_ENDS = "mechanic ends"
    CUSTOMER_CANCELS = "customer cancels"
    EXPIRE = "expire"
    SUMMARIZE = "summarize"
    RATE = "rate"


@dataclass(frozen=True)
class Step:
    """One thing that happened: when, to which visit (its place in `Past.visits`), by which mechanic, in which words."""

    at: datetime
    visit: int
    verb: Verb
    mechanic: str = ""
    text: str | None = None
    rating: int = 0


@dataclass(frozen=True)
class Past:
    """Everybody who came, and everything that happened in the order of time.

    `active` are the places of the visits that Dana has in hand at the end, `open` of those that nobody has.
    """

    visits: tuple[Visit, ...]
    steps: tuple[Step, ...]
    active: tuple[int, ...] = ()
    open: tuple[int, ...] = ()


def plan_past(seed: int, now: datetime, *, open_sessions: bool = True) -> Past:
    """Three weeks of work up to `now`: 40 sessions completed by Dana, some that came to nothing, Sam's beside them.

    With `open_sessions` Dana has one in hand at `now`, and four requests are open.
    """
    diary = _Diary(Random(seed))
    days = _working_days(now)
    for number, day in enumerate(days):
        share = _DANA_BEFORE_TODAY * (number + 1) // len(days) - _DANA_BEFORE_TODAY * number // len(days)
        diary.work(DANA, day, share)
        diary.work(SAM, day, 1)
    for day, mishap in zip(diary.rng.sample(days, len(_MISHAPS)), _MISHAPS, strict=True):
        mishap(diary, day - timedelta(minutes=diary.rng.randint(75, 100)))
    for hours in _TODAY_HOURS_AGO:
        diary.completed(DANA, now - timedelta(hours=hours))
    active = (diary.active_at(now),) if open_sessions else ()
    open_requests = diary.open_at(now) if open_sessions else ()
    return Past(tuple(diary.visits), tuple(sorted(diary.steps, key=lambda step: step.at)), active, open_requests)


def _working_days(now: datetime) -> list[datetime]:
    """When the shop opened on each working day of the three weeks; the last was closed hours before `now`."""
    last = (now - timedelta(hours=27)).date()
    days = (last - timedelta(days=ago) for ago in reversed(range(_DAYS)))
    return [datetime.combine(day, _OPENS) for day in days if day.weekday() != _SUNDAY]


class _Diary:
    """Writes visits and steps down; every method is one kind of story and begins at `start`."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.visits: list[Visit] = []
        self.steps: list[Step] = []
        self._arrivals = visits(rng)
        self._accepts = 0

    def work(self, mechanic: str, opens: datetime, count: int) -> None:
        """A day on which `mechanic` completes `count` sessions, spread over the hours."""
        window = _OPEN_MINUTES // max(count, 1)
        for slot in range(count):
            minute = slot * window + self.rng.randrange(window - _LONGEST_SLOT)
            self.completed(mechanic, opens + timedelta(minutes=minute, seconds=self.rng.randrange(60)))

    def completed(self, mechanic: str, start: datetime) -> None:
        """From submit to end, most often with a summary and a verdict."""
        visit = self.submitted(start)
        problem = self.visits[visit].problem
        ended = self._worked_on(visit, mechanic, self.accepted(visit, mechanic, start))
        if self.rng.random() < 0.8:
            self._note(ended, (2, 6), visit, Verb.SUMMARIZE, mechanic)
        if self.rng.random() < 0.75:
            comment = problem.comment if self.rng.random() < 0.7 else None
            spoilt = self.rng.choice((0, 0, 0, 0, 1, 2)) if comment is None else 0
            self._note(ended, (1, 9), visit, Verb.RATE, text=comment, rating=problem.rating - spoilt)

    def given_back(self, start: datetime) -> None:
        """Dana takes it, gives it back, and Sam sees it through."""
        visit = self.submitted(start)
        accepted = self.accepted(visit, DANA, start)
        released = self._note(accepted, (1, 3), visit, Verb.RELEASE, DANA, self.rng.choice(_RELEASE_REASONS))
        self._worked_on(visit, SAM, self.accepted(visit, SAM, released))

    def changed_mind(self, start: datetime) -> None:
        """The customer cancels before anybody took it."""
        visit = self.submitted(start)
        self._note(start, (3, 12), visit, Verb.CUSTOMER_CANCELS, text=self.rng.choice(_CANCEL_REASONS))

    def gone_before_joining(self, start: datetime) -> None:
        """Dana takes it and joins, the customer cancels instead of joining."""
        visit = self.submitted(start)
        joined = self._note(self.accepted(visit, DANA, start), (0, 1), visit, Verb.MECHANIC_JOINS, DANA)
        self._note(joined, (2, 6), visit, Verb.CUSTOMER_CANCELS, text=self.rng.choice(_CANCEL_REASONS))

    def dropped_line(self, start: datetime) -> None:
        """Both join, and it is over before it began: too short to count."""
        visit = self.submitted(start)
        joined = self._joined(visit, DANA, self.accepted(visit, DANA, start))
        at = joined + timedelta(seconds=self.rng.randint(15, 45))
        self.steps.append(Step(at, visit, Verb.MECHANIC_ENDS, DANA, "customer's phone ran empty"))

    def unanswered(self, start: datetime) -> None:
        """Nobody takes it in time."""
        visit = self.submitted(start)
        self.steps.append(Step(start + _EXPIRY, visit, Verb.EXPIRE))

    def active_at(self, now: datetime) -> int:
        """A session that Dana has accepted and joined by `now`; its customer has not. Leaving it needs no question."""
        visit = self.submitted(now - timedelta(minutes=4.5), _is_patient_video)
        for verb, minutes_ago in ((Verb.ACCEPT, 2.2), (Verb.MECHANIC_JOINS, 1.9)):
            self.steps.append(Step(now - timedelta(minutes=minutes_ago), visit, verb, DANA))
        return visit

    def open_at(self, now: datetime) -> tuple[int, ...]:
        """Requests that are open at `now`, the oldest first, one of them urgent."""
        return tuple(
            self.submitted(now - timedelta(minutes=minutes), kind)
            for minutes, kind in zip(_OPEN_MINUTES_AGO, _OPEN_KINDS, strict=True)
        )

    def submitted(self, at: datetime, wanted: Callable[[Problem], bool] = lambda _: True) -> int:
        """The next customer with a problem that is `wanted`; returns the visit's place."""
        self.visits.append(next(visit for visit in self._arrivals if wanted(visit.problem)))
        place = len(self.visits) - 1
        self.steps.append(Step(at, place, Verb.SUBMIT))
        return place

    def accepted(self, visit: int, mechanic: str, since: datetime) -> datetime:
        """`mechanic` takes it within some minutes; sometimes the other one presses just after."""
        at = self._note(since, (0, 4), visit, Verb.ACCEPT, mechanic)
        self._accepts += 1
        if self._accepts % _RACED == 0:
            late = timedelta(milliseconds=self.rng.randint(200, 2_900))
            self.steps.append(Step(at + late, visit, Verb.ACCEPT_TOO_LATE, SAM if mechanic == DANA else DANA))
        return at

    def _joined(self, visit: int, mechanic: str, accepted: datetime) -> datetime:
        self._note(accepted, (0, 0), visit, Verb.MECHANIC_JOINS, mechanic)
        return self._note(accepted, (1, 2), visit, Verb.CUSTOMER_JOINS)

    def _worked_on(self, visit: int, mechanic: str, accepted: datetime) -> datetime:
        minutes = self.visits[visit].problem.minutes
        joined = self._joined(visit, mechanic, accepted)
        return self._note(joined, (minutes * 7 // 10, minutes * 12 // 10), visit, Verb.MECHANIC_ENDS, mechanic)

    def _note(
        self,
        after: datetime,
        minutes: tuple[int, int],
        visit: int,
        verb: Verb,
        mechanic: str = "",
        text: str | None = None,
        rating: int = 0,
    ) -> datetime:
        """Write down a step that comes so many minutes, and some seconds, `after` another; returns when."""
        at = after + timedelta(minutes=self.rng.randint(*minutes), seconds=self.rng.randint(8, 55))
        self.steps.append(Step(at, visit, verb, mechanic, text, rating))
        return at


def _is_urgent(problem: Problem) -> bool:
    return problem.urgent


def _is_patient(problem: Problem) -> bool:
    return not problem.urgent


def _is_patient_with_photos(problem: Problem) -> bool:
    return _is_patient(problem) and bool(problem.photos)


def _is_patient_with_code(problem: Problem) -> bool:
    return _is_patient(problem) and TROUBLE_CODE.search(problem.say) is not None


def _is_patient_video(problem: Problem) -> bool:
    return problem.type == SessionType.VIDEO and not problem.urgent


_OPEN_KINDS = (_is_patient, _is_patient_with_photos, _is_urgent, _is_patient_with_code)
_RELEASE_REASONS = ("not my trade: hybrid system", "called away to the lift", "customer asks for Sam")
_CANCEL_REASONS = ("found it myself", "neighbour jumped it", "the tow truck is here", "")
_MISHAPS: tuple[Callable[[_Diary, datetime], None], ...] = (
    _Diary.given_back,
    _Diary.given_back,
    _Diary.changed_mind,
    _Diary.changed_mind,
    _Diary.gone_before_joining,
    _Diary.gone_before_joining,
    _Diary.dropped_line,
    _Diary.unanswered,
    _Diary.unanswered,
)
"""What came to nothing in three weeks. Each happens before opening time of a day of its own, when all are free."""
