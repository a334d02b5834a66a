"""What narrows a list of the backend's, and how it stands in the address."""

from datetime import datetime
from typing import TypedDict


class Filters(TypedDict, total=False):
    """What narrows a list: a query `q`, `type`, `status`, the time of the request in [`since`, `until`], and the page.

    A page begins behind `cursor`; or, with `back`, ends before it, without one at the end of the list; or begins with
    the first row that is older than `at`.
    """

    q: str
    type: str
    status: str
    since: datetime
    until: datetime
    limit: int
    cursor: str
    back: bool
    at: datetime


def params_of(filters: Filters) -> dict[str, str]:
    """The filters as they stand in the address; `since` and `until` are `from` and `to` there."""
    names = {"since": "from", "until": "to"}
    return {names.get(name, name): _text(value) for name, value in filters.items() if value is not None}


def _text(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
