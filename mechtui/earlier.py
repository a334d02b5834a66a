"""The wire models of what was before: earlier sessions of the same vehicle, and of the same customer."""

from datetime import datetime

from mechtui.models import Answer, Person


class Earlier(Answer):
    """An ended session of the same vehicle or customer, as whoever may see the later one may see it.

    Never who the customer was, how to reach him, or a page's address. `mine` when its reader had it in hand: only
    then may he read all of it.
    """

    id: str
    type: str
    outcome: str
    created_at: datetime
    same_vehicle: bool
    same_customer: bool
    mine: bool = False
    mechanic: Person | None = None
    vehicle: str = ""
    odometer: str | None = None
    concern: str
    findings: str | None = None
    next_steps: str | None = None


class EarlierPage(Answer):
    """Earlier sessions, the latest first. `seen` and `came` count the completed ones of vehicle and customer."""

    items: tuple[Earlier, ...] = ()
    next_cursor: str | None = None
    total: int = 0
    seen: int = 0
    came: int = 0
