"""A mechanic's figures on the wire: every one of them made of sessions, events and attempts when asked."""

from datetime import datetime

from mechtui.models import Answer


class Times(Answer):
    """How long something took each time, in seconds: together, the median, the longest."""

    seconds: float
    median: float
    longest: float


class Sum(Answer):
    """So many completed sessions: what they cost, what of it is the mechanic's, and how long they ran."""

    sessions: int
    price_cents: int
    share_cents: int
    length: Times | None = None


class Part(Answer):
    """The sum of one type, or of one plan."""

    name: str
    sum: Sum


class Slot(Answer):
    """The sum of a quarter of an hour, which began at `at`; every zone can make its own days and hours of them."""

    at: datetime
    sum: Sum


class Stats(Answer):
    """A mechanic's own figures for the sessions requested in [since, until), made of these when asked.

    `waited` is how long the customers of completed sessions waited until theirs was accepted. `ratings` are how many
    gave one, two, three, four, five; `released` those he gave back and has not taken again. A race is one for which
    more than one mechanic pressed accept.
    """

    since: datetime
    until: datetime
    total: Sum
    by_type: tuple[Part, ...] = ()
    by_plan: tuple[Part, ...] = ()
    waited: Times | None = None
    ratings: tuple[int, ...] = (0, 0, 0, 0, 0)
    cancelled: int = 0
    released: int = 0
    races_won: int = 0
    races_lost: int = 0
    slots: tuple[Slot, ...] = ()
