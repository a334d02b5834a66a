"""What can go wrong between a client and the backend, one class for each question a caller asks.

    ApiError
    ├── Refused             did the backend say no?            nothing changed; the reason is in `code`
    │   ├── AlreadyTaken    … because somebody else has it:    `by`, `at`
    │   ├── RequestGone     … because it is over:              `by`, `at` where known
    │   ├── OfferGone       … because it is no longer offered to me
    │   ├── MechanicBusy    … because I have another session:  `session_id`, `url`
    │   ├── NotFound        … because there is no such thing, or it is not mine to see
    │   ├── NotEligible     … because I do not take this type
    │   ├── TooMany         … because too much was asked just now
    │   └── Invalid         … because of what was sent:        `fields`
    ├── OutcomeUnknown      may it have happened or not?       the same `key` sent again tells
    ├── SignedOut           is my token no good (any more)?
    ├── Unreachable         was nothing done, nothing read?    `why` in words
    ├── NoJournal           could it not be written down first?   nothing was sent
    ├── TooOld              do the two sides not understand each other?   `side` says which to update
    └── NoPage              has the session no page that may be opened?

Every `str()` is safe to show on a terminal, is for people, and says what to do.
"""
# ruff: noqa: N818 - the names are the answers; `except AlreadyTaken` needs no suffix to be understood

from datetime import datetime
from typing import Literal

from mechtui.models import Code, Person, Problem
from mechtui.text import SafeText

Side = Literal["terminal", "backend"]


class ApiError(Exception):
    """Base of all that a call to the backend raises. The text is safe to show."""

    def __init__(self, words: str) -> None:
        super().__init__(SafeText(words))


class Refused(ApiError):
    """The backend said no and nothing changed. `code` is stable; `problem` is the whole answer, unfiltered."""

    def __init__(self, problem: Problem, status: int) -> None:
        self.problem = problem
        self.status = status
        self.code = problem.code
        super().__init__(f"{_sentence(problem.error)} {_WHAT_TO_DO.get(problem.code, '')}".rstrip())

    @property
    def by(self) -> Person | None:
        """Who was faster, or ended it."""
        return self.problem.by

    @property
    def at(self) -> datetime | None:
        """When that was, by the backend's clock."""
        return self.problem.at


class AlreadyTaken(Refused):
    """Another mechanic has the request: `by`, since `at`."""


class RequestGone(Refused):
    """The request or session is over: expired, cancelled or ended; `by` and `at` where known."""


class OfferGone(Refused):
    """A colleague no longer offers this session: he withdrew it, or offered it to another."""


class MechanicBusy(Refused):
    """The mechanic has another session, which comes first: `session_id`, with its page at `url`."""

    @property
    def session_id(self) -> str | None:
        """The session to finish or give back first."""
        return self.problem.session_id

    @property
    def url(self) -> str | None:
        """Where that session's page is, as the backend says; see `page_url` before opening one."""
        return self.problem.url


class NotFound(Refused):
    """There is no such session, or it is not this token's to see."""


class NotEligible(Refused):
    """The mechanic does not take requests of this type, or passed on this one."""


class Invalid(Refused):
    """What was sent is not acceptable; `problem.fields` says where."""


class TooMany(Refused):
    """Too much was asked under this token, or from this machine; it was tried again for a while. Nothing was done."""


class OutcomeUnknown(ApiError):
    """A write may or may not have happened; sending it again with the same `key` tells. Never the same as a no."""

    def __init__(self, key: str, why: str) -> None:
        self.key = key
        self.why = why
        super().__init__(f"It is not known whether this was done: {why}. Look at the session before you try again.")


class SignedOut(ApiError):
    """The token is unknown, revoked, or of the wrong kind for this call. `code` is `SIGNED_OUT` or `FORBIDDEN`."""

    def __init__(self, problem: Problem) -> None:
        self.code = problem.code
        super().__init__(_WRONG_KIND if problem.code == Code.FORBIDDEN else _UNKNOWN_TOKEN)


class Unreachable(ApiError):
    """The backend was not reached, so surely nothing was done, or nothing could be read; `why` in words."""

    def __init__(self, server: str, why: str) -> None:
        self.server = server
        self.why = why
        super().__init__(f"No backend reached at {server}: {why}. Is it running, and is the address right?")


class NoJournal(ApiError):
    """A write could not be written down first, so it was not sent; the text says what is wrong with the file."""

    def __init__(self, why: str) -> None:
        super().__init__(f"Nothing was sent, since {why}. Make room for it, or the right to write it.")


class TooOld(ApiError):
    """Backend and terminal do not understand each other; `side` is the one to update."""

    def __init__(self, side: Side, why: str) -> None:
        self.side = side
        super().__init__(f"The {side} is too old: {why}. Update the {side}.")


class NoPage(ApiError):
    """The session has no page that may be opened."""


_REFUSALS: dict[str, type[Refused]] = {
    Code.ALREADY_TAKEN: AlreadyTaken,
    Code.REQUEST_EXPIRED: RequestGone,
    Code.REQUEST_CANCELLED: RequestGone,
    Code.REQUEST_ENDED: RequestGone,
    Code.SESSION_ENDED: RequestGone,
    Code.NO_OFFER: OfferGone,
    Code.MECHANIC_HAS_ACTIVE_SESSION: MechanicBusy,
    Code.NOT_FOUND: NotFound,
    Code.NOT_ELIGIBLE: NotEligible,
    Code.PASSED_ON: NotEligible,
    Code.TOO_MANY: TooMany,
    Code.INVALID: Invalid,
    Code.TOO_LARGE: Invalid,
    Code.IDEMPOTENCY_KEY_REUSED: Invalid,
    Code.IDEMPOTENCY_KEY_REQUIRED: Invalid,
}

_UNKNOWN_TOKEN = (
    "Signed out: the backend does not know this token, or it was revoked. "
    "Make a new one on the backend's machine with: mechtui mechanic add NAME"
)
_WRONG_KIND = (
    "This token is of the wrong kind for that: mechanics triage, a desk submits. "
    "Make the other kind on the backend's machine with: mechtui mechanic add NAME, or mechtui desk add NAME"
)
_WHAT_TO_DO: dict[str, str] = {
    Code.ALREADY_TAKEN: "Take another one.",
    Code.REQUEST_EXPIRED: "Take another one.",
    Code.REQUEST_CANCELLED: "Take another one.",
    Code.REQUEST_ENDED: "Take another one.",
}


def refusal(problem: Problem, status: int) -> ApiError:
    """The error for an answer of the backend that says no."""
    if problem.code in {Code.SIGNED_OUT, Code.FORBIDDEN} or status == 401:
        return SignedOut(problem)
    if problem.code == Code.TOO_OLD:
        return TooOld("terminal", problem.error.rstrip("."))
    return _REFUSALS.get(problem.code, Refused)(problem, status)


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."
