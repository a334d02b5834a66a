"""What became of the writes whose answers were lost."""

from dataclasses import dataclass
from enum import StrEnum

from mechtui.api_errors import ApiError
from mechtui.journal import Entry
from mechtui.models import AcceptRequest, Session

REPEAT_SECONDS = 24 * 3600
"""A write older than this is not asked about any more: what it wanted is long overtaken."""


class Verdict(StrEnum):
    """What became of a write whose answer was lost."""

    DONE = "done"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    TOO_LATE = "too late to ask"


@dataclass(frozen=True)
class Settled:
    """One write of the journal and what became of it. `what` names it, like `accept of 4f…`."""

    key: str
    what: str
    verdict: Verdict
    session: Session | None = None
    error: ApiError | None = None

    @property
    def takes(self) -> bool:
        """Whether it was to make a session one's own."""
        return self.what.split()[0] in {"accept", "take"}

    def __str__(self) -> str:
        reason = f": {self.error}" if self.error is not None else ""
        return f"An earlier {self.what}: {self.verdict}{reason}"


def settled(entry: Entry, verdict: Verdict, error: ApiError | None = None) -> Settled:
    """One write with its verdict, in the words of its entry."""
    return Settled(entry.key, what_of(entry), verdict, error=error)


def what_of(entry: Entry) -> str:
    """`accept of 4f…`, `release of 4f…`, `submit`: the wish an entry stands for."""
    *_, before, verb = entry.path.split("/")
    if verb == "intakes":
        return "submit"
    if verb == "availability":
        return "change of availability"
    if verb == "accept":
        return f"accept of {AcceptRequest.model_validate_json(entry.body).requestId}"
    return f"{verb} of {before}"
