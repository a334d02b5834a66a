"""What a client asks."""

from typing import Annotated

from pydantic import Field

from mechtui.models.base import FILE_BYTES_LIMIT, FILES_LIMIT, LINE_LIMIT, TEXT_LIMIT, Request
from mechtui.models.words import SessionType

Text = Annotated[str, Field(max_length=TEXT_LIMIT)]
Line = Annotated[str, Field(max_length=LINE_LIMIT)]
_SOMETHING = Field(min_length=1, pattern=r"\S")


class FileUpload(Request):
    """A file inside a submit; `data` is base64."""

    name: Annotated[Line, Field(min_length=1)]
    mime: Line | None = None
    data: Annotated[str, Field(max_length=FILE_BYTES_LIMIT * 4 // 3 + 4)]


class SubmitRequest(Request):
    """What the customer filled in. Only type, name and concern are required."""

    type: SessionType
    plan: Annotated[str, Field(max_length=64)] | None = None
    urgent: bool = False
    name: Annotated[Line, _SOMETHING]
    email: Line | None = None
    phone: Line | None = None
    city: Line | None = None
    year: Line | None = None
    make: Line | None = None
    model: Line | None = None
    vin: Line | None = None
    plate: Line | None = None
    odometer: Line | None = None
    concern: Annotated[Text, _SOMETHING]
    drivable: bool | None = None
    history: Annotated[tuple[Text, ...], Field(max_length=200)] = ()
    files: Annotated[tuple[FileUpload, ...], Field(max_length=FILES_LIMIT)] = ()


class AcceptRequest(Request):
    """Which request to accept; spelt as in the origin."""

    requestId: Annotated[str, Field(min_length=1, max_length=64)]  # noqa: N815


class ReasonRequest(Request):
    """Why something is given back, ended or cancelled; may be empty."""

    reason: Line = ""


class ExtendRequest(Request):
    """So many more minutes for a live session, at the price of those booked; the customer has agreed."""

    minutes: int = Field(ge=1, le=120)


class RateRequest(Request):
    """The customer's verdict, one to five."""

    rating: Annotated[int, Field(ge=1, le=5)]
    comment: Text | None = None


class SummaryRequest(Request):
    """What the mechanic writes down after a completed session. Only the parts may be left out."""

    findings: Annotated[Text, _SOMETHING]
    steps_taken: Annotated[Text, _SOMETHING]
    parts_needed: Text | None = None
    next_steps: Annotated[Text, _SOMETHING]
