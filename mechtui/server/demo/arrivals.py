"""Who comes to the demo's shop from now on, and how each one behaves: the same for the same seed.

All times are in seconds of demo time; `--speed` makes them pass faster.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from mechtui.server.demo.visits import Visit, visits

MEAN_GAP = 18.0
"""Between two arrivals on average, as of a Poisson process, but for the very short and the very long gaps."""
SHORTEST_GAP = 5.0
LONGEST_GAP = 45.0
RIVAL_SHARE = 0.25
"""How many requests the rival goes for."""
HASTY_SHARE = 0.15
"""How many customers cancel soon when nobody takes their request."""
HASTY_WAIT = (25.0, 60.0)
PATIENT_WAIT = (70.0, 180.0)
"""Less than a request may wait by the rules: so the queue keeps moving though nobody works."""
RATING_SHARE = 0.85


@dataclass(frozen=True)
class Manner:
    """How a customer behaves once the request is in; None means never.

    `joins_after` is how long after the accept he joins, `patience` how long he waits for an accept (or, one who never
    joins, after it) before he cancels, `rates_after` when he gives `rating` and `comment` after the end.
    """

    joins_after: float | None
    patience: float | None = None
    rates_after: float | None = None
    rating: int = 5
    comment: str | None = None


@dataclass(frozen=True)
class Rivalry:
    """The rival goes for a request so long after it came, and works on it for so long if he gets it."""

    after: float
    works: float


@dataclass(frozen=True)
class Arrival:
    """One customer: how long after the one before, with what, how he behaves, and what the rival does about it."""

    gap: float
    visit: Visit
    manner: Manner
    rivalry: Rivalry | None


def arrivals(seed: int) -> Iterator[Arrival]:
    """Customers for ever."""
    rng = Random(f"arrivals {seed}")
    for visit in visits(rng):
        gap = min(max(rng.expovariate(1 / MEAN_GAP), SHORTEST_GAP), LONGEST_GAP)
        yield Arrival(gap, visit, manner_of(rng, visit), _rivalry(rng))


def manner_of(rng: Random, visit: Visit) -> Manner:
    """How the customer of this visit behaves."""
    problem = visit.problem
    return Manner(
        joins_after=rng.uniform(4, 14),
        patience=rng.uniform(*(HASTY_WAIT if rng.random() < HASTY_SHARE else PATIENT_WAIT)),
        rates_after=rng.uniform(4, 15) if rng.random() < RATING_SHARE else None,
        rating=problem.rating,
        comment=problem.comment if rng.random() < 0.7 else None,
    )


def _rivalry(rng: Random) -> Rivalry | None:
    if rng.random() >= RIVAL_SHARE:
        return None
    return Rivalry(after=rng.uniform(7, 30), works=rng.uniform(20, 40))
