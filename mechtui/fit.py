"""How well a request fits this mechanic, and why, in words. Pure.

It is told from what he has done before: sessions of the type, vehicles of the make, this customer. It sorts nothing
and forbids nothing.
"""

from typing import NamedTuple

from pydantic import Field

from mechtui.earlier import EarlierPage
from mechtui.formatting import one_line, type_name
from mechtui.models import Answer, Session
from mechtui.text import fold

USED_TO = 3
"""From so many completed sessions on he is used to a type or a make."""
POOR = 3.0
"""An average rating up to here speaks against him."""


class Done(Answer):
    """What he has completed of one kind: how many sessions, and their average rating where any was rated."""

    jobs: int
    rating: float | None = None


class Profile(Answer):
    """What a mechanic has completed, by type and by make (folded)."""

    types: dict[str, Done] = Field(default_factory=dict)
    makes: dict[str, Done] = Field(default_factory=dict)


class Fit(NamedTuple):
    """0 to 3, and the reasons."""

    score: int
    reasons: tuple[str, ...]

    @property
    def words(self) -> str:
        """How well, in words."""
        return ("seldom done", "fits", "fits well", "fits well")[self.score]


def fit_of(row: Session, profile: Profile, earlier: EarlierPage | None) -> Fit:
    """One point each for the type, the make and the customer or vehicle he knows; a poor rating takes its point."""
    make = one_line(row.vehicle.make or "")
    kinds = ((type_name(row.type), profile.types.get(row.type)), (make, profile.makes.get(fold(make))))
    known = [(name, done) for name, done in kinds if name and done is not None]
    reasons = [_reason(name, done) for name, done in known]
    score = sum(done.jobs >= USED_TO and (done.rating is None or done.rating > POOR) for _, done in known)
    if make and profile.makes.get(fold(make)) is None:
        reasons.append(f"{make}: none yet")
    met = [item for item in (earlier.items if earlier else ()) if item.mine]
    if met:
        reasons.append("you know this " + ("customer" if any(item.same_customer for item in met) else "vehicle"))
    return Fit(score + bool(met), tuple(reasons))


def _reason(name: str, done: Done) -> str:
    rated = "" if done.rating is None else f", rated {done.rating:.1f}"
    return f"{name}: {done.jobs}{rated}"
