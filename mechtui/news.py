"""What of an event is worth saying to the mechanic of this terminal. Pure."""

from mechtui.changes import News, Topic
from mechtui.frames import FeedEvent
from mechtui.models import Kind, Session, Status


def is_arrival(event: FeedEvent, row: Session) -> bool:
    """Whether a request came into the queue, or came back to it."""
    return event.kind in {Kind.CREATED, Kind.RELEASED} and row.status == Status.PENDING


def news_of(event: FeedEvent, row: Session, *, was_mine: bool, mine: bool, wished: bool) -> tuple[News, ...]:
    """What to say of an event and the row it left; `wished` when a wish of ours about it is under way.

    What this terminal did itself is no news to it.
    """
    if is_arrival(event, row):
        return () if was_mine else (News(Topic.RETURNED if event.kind == Kind.RELEASED else Topic.ARRIVED, row),)
    if mine:
        return _of_mine(event.kind, row, wished=wished)
    if event.gone and row.mechanic is not None:
        return (News(Topic.TAKEN, row, row.mechanic.name),)
    return ()


def _of_mine(kind: str, row: Session, *, wished: bool) -> tuple[News, ...]:
    if kind == Kind.STARTED:
        return (News(Topic.STARTED, row),)
    if kind == Kind.JOINED and row.customer_joined_at is not None and row.mechanic_joined_at is None:
        return (News(Topic.JOINED, row),)
    if kind in {Kind.COMPLETED, Kind.CANCELLED} and row.ended_by != "mechanic" and not wished:
        return (News(Topic.ENDED, row, row.ended_by or ""),)
    return ()
