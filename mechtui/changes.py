"""What the store tells whoever paints: what to look at again, and what is worth saying. Pure."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from mechtui.models import Session
from mechtui.rows import Tab


class Claim(StrEnum):
    """An accept of ours that has no answer yet."""

    CLAIMING = "claiming"
    CHECKING = "checking"


class Departure(StrEnum):
    """Why a request left."""

    TAKEN = "taken"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    PASSED = "passed"
    DECLINED = "declined"
    NO_OFFER = "no longer offered"


@dataclass(frozen=True)
class Leaving:
    """A request that is over, still in sight. `at` by the server's clock, `until` by the steady one."""

    why: Departure
    by: str
    at: datetime
    until: float


class Topic(StrEnum):
    """What a mechanic is told of when it happens."""

    ARRIVED = "arrived"
    RETURNED = "returned"
    TAKEN = "taken"
    JOINED = "joined"
    STARTED = "started"
    ENDED = "ended"
    WATCHED = "watched"
    AWAKE = "awake"
    PLAN_ENDS = "plan ends"
    OVERTIME = "overtime"
    FORGOTTEN = "forgotten"
    OFFERED = "offered"
    OFFER_OVER = "offer over"
    OFFER_DECLINED = "offer declined"
    HANDED_OVER = "handed over"
    CLAIM_WON = "claim won"
    CLAIM_LOST = "claim lost"


@dataclass(frozen=True)
class News:
    """Something happened to a session that is worth saying; `words` are those of who did it."""

    topic: Topic
    session: Session
    by: str = ""
    words: str = ""


@dataclass(frozen=True)
class Change:
    """What to look at again: tabs whose rows came, went or moved, ids whose rows changed, and what to say."""

    tabs: frozenset[Tab] = frozenset()
    ids: frozenset[str] = frozenset()
    news: tuple[News, ...] = ()
    link: bool = False

    def __bool__(self) -> bool:
        return self != NOTHING

    def __or__(self, other: "Change") -> "Change":
        return Change(self.tabs | other.tabs, self.ids | other.ids, self.news + other.news, self.link or other.link)


NOTHING = Change()


class Loading(StrEnum):
    """How far a list that is read by pages has come."""

    NOT_YET = "not yet"
    UNDER_WAY = "under way"
    DONE = "done"
    FAILED = "failed"


class Step(StrEnum):
    """Which page of a list is read: the next to what is held, on either side, or one that takes its place."""

    FIRST = "first"
    LAST = "last"
    DAY = "day"
    ON = "on"
    BACK = "back"


@dataclass(frozen=True)
class Reach:
    """What of a paged list is held for one filter.

    `cursor` and `back` are where to read on behind and before it, `skipped` is how many rows come before. `total` is
    the server's count, `why` is for people.
    """

    filter_text: str = ""
    loading: Loading = Loading.NOT_YET
    cursor: str | None = None
    back: str | None = None
    skipped: int = 0
    total: int = 0
    why: str = ""
