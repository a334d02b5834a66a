"""Whether mechanics are there, and who of them could take something over."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from mechtui.models.base import Answer, Request
from mechtui.models.requests import Line


class Availability(StrEnum):
    """Whether a mechanic is there. It takes no right from him: whoever is on a break may still accept."""

    ON = "on"
    BREAK = "break"
    OFF = "off"


class AvailabilityRequest(Request):
    """How he is from now on, on all his terminals."""

    availability: Availability


class OfferRequest(Request):
    """To which colleague a session is offered; the note is for him."""

    to: Annotated[str, Field(min_length=1, max_length=64)]
    note: Line = ""


class Available(Answer):
    """How he is now; plain text, as all words in answers are."""

    availability: str


class Colleague(Answer):
    """Another mechanic: which types he takes, whether a terminal of his is connected, whether he holds a session."""

    id: str
    name: str
    types: tuple[str, ...]
    availability: str
    here: bool
    busy: bool


class Colleagues(Answer):
    """All mechanics but the one who asks and those who were revoked, by name."""

    items: tuple[Colleague, ...]
