"""A session's whole trail: its events, and between them who was too late for it. Pure."""

from mechtui.models import SessionDetail, TimelineEvent

TOO_LATE = "too_late"
"""The kind under which an accept that lost stands among the events."""


def trail(detail: SessionDetail) -> tuple[TimelineEvent, ...]:
    """All that happened, in the order of time; what came too late stands behind what it was too late for."""
    lost = (
        TimelineEvent(seq=0, kind=TOO_LATE, at=attempt.at, actor="mechanic", mechanic=attempt.mechanic)
        for attempt in detail.attempts
    )
    return tuple(sorted((*detail.events, *lost), key=lambda event: event.at))
