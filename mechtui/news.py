"""What of an event is worth saying to the mechanic of this terminal. Pure."""

from collections.abc import Container, Iterable

from mechtui.changes import News, Topic
from mechtui.frames import FeedEvent
from mechtui.models import Kind, Session, Status
from mechtui.offers import waits


def is_arrival(event: FeedEvent, row: Session) -> bool:
    """Whether a request came into the queue, or came back to it."""
    return event.kind in {Kind.CREATED, Kind.RELEASED} and row.status == Status.PENDING


def come_meanwhile(rows: Iterable[Session], before: Container[str]) -> tuple[News, ...]:
    """What to say of the rows of a snapshot: the waiting ones that were not there before."""
    fresh = [row for row in rows if waits(row) and row.id not in before]
    return tuple(News(Topic.OFFERED if row.is_offer else Topic.ARRIVED, row) for row in fresh)


def news_of(event: FeedEvent, row: Session, held: Session | None, me: str, *, wished: bool) -> tuple[News, ...]:
    """What to say of an event and the row it left; `held` is the row before it, as far as it was known.

    What this terminal did itself is no news to it: `wished` when a wish of ours about it is under way.
    """
    was_mine = held is not None and _is_of(held, me)
    if held is not None and held.is_offer and not row.is_offer and not _is_of(row, me):
        return () if wished or event.kind == Kind.OFFER_DECLINED else (News(Topic.OFFER_OVER, row),)
    if is_arrival(event, row):
        return () if was_mine else (News(Topic.RETURNED if event.kind == Kind.RELEASED else Topic.ARRIVED, row),)
    if row.is_offer:
        return (News(Topic.OFFERED, row),) if event.kind == Kind.OFFERED else ()
    if _is_of(row, me):
        return _of_mine(event, row, held, wished=wished)
    if event.gone and row.mechanic is not None:
        return (News(Topic.HANDED_OVER if was_mine else Topic.TAKEN, row, row.mechanic.name),)
    return ()


def _is_of(row: Session, me: str) -> bool:
    return row.mechanic is not None and row.mechanic.id == me


def _of_mine(event: FeedEvent, row: Session, held: Session | None, *, wished: bool) -> tuple[News, ...]:
    kind = event.kind
    if kind == Kind.STARTED:
        return (News(Topic.STARTED, row),)
    if kind == Kind.OFFER_DECLINED:
        by = held.offered_to.name if held and held.offered_to else ""
        return (News(Topic.OFFER_DECLINED, row, by, event.reason or ""),)
    if kind == Kind.JOINED and row.customer_joined_at is not None and row.mechanic_joined_at is None:
        return (News(Topic.JOINED, row),)
    if kind in {Kind.COMPLETED, Kind.CANCELLED} and row.ended_by != "mechanic" and not wished:
        return (News(Topic.ENDED, row, row.ended_by or ""),)
    return ()
