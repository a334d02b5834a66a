"""What each mechanic is shown of the open sessions and of what happens to them, in frames of bounded size."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from mechtui.models import Kind, Status
from mechtui.server.db.events import Event
from mechtui.server.db.rows import SessionRow, Shop, holder_view, offered_view, open_view
from mechtui.server.db.sessions import Mechanic
from mechtui.server.open_sessions import OpenSessions
from mechtui.server.wire import to_json

FRAME_CHARACTERS = 128 * 1024
"""Rows and events are put into one frame up to this size. With the limits on text it stays under a megabyte."""

Item = TypeVar("Item")


class Views:
    """The open sessions as each mechanic may see them."""

    def __init__(self, sessions: OpenSessions, shop: Shop) -> None:
        self._open = sessions
        self._shop = shop

    def deltas(
        self,
        seq_from: int,
        seq_to: int,
        events: Iterable[Event],
        me: Mechanic,
        counts: dict[str, int] | None = None,
    ) -> list[str]:
        """All he may see of (`seq_from`, `seq_to`], in frames of bounded size; the last one carries the counts."""
        seen = [(event.seq, to_json(view)) for event in events if (view := self._event(event, me)) is not None]
        chunks = list(chunked(seen, lambda pair: len(pair[1])))
        ends = [chunk[-1][0] for chunk in chunks[:-1]] + [seq_to]
        starts = [seq_from, *ends[:-1]]
        frames = []
        for start, end, chunk in zip(starts, ends, chunks or [[]], strict=True):
            last = f',"counts":{to_json(counts)}' if counts and end == seq_to else ""
            texts = ",".join(text for _, text in chunk)
            frames.append(f'{{"t":"delta","from":{start},"to":{end},"events":[{texts}]{last}}}')
        return frames

    def _event(self, event: Event, me: Mechanic) -> dict[str, Any] | None:
        """The event as this mechanic may see it, or nothing when it is none of his business."""
        row = event.row
        eligible = self._open.waits_for(row, me)
        if row.mechanic_id == me.id:
            session, gone = holder_view(row, self._shop), False
        elif row.offered_to_id == me.id:
            session, gone = offered_view(row), False
        elif row.status == Status.PENDING and (eligible or me.id in (event.mechanic_id, event.offer_was)):
            session, gone = self._open_view(row, me), not eligible
        elif (event.was_pending and eligible) or me.id in (event.offer_was, event.other_id):
            session, gone = open_view(row), True
        else:
            return None
        told = {"seq": event.seq, "kind": str(event.kind), "at": event.at, "session": session, "gone": gone}
        return told | {"reason": event.reason if event.kind == Kind.OFFER_DECLINED else None}

    def _open_view(self, row: SessionRow, me: Mechanic) -> dict[str, Any]:
        view = open_view(row)
        return view | {"passed": True} if row.id in self._open.passed[me.id] else view

    def rows(self, me: Mechanic) -> list[dict[str, Any]]:
        """All he may see of what is open: his own, what is offered to him, and his queue."""
        rows = self._open.rows
        mine = [holder_view(rows[session_id], self._shop) for session_id in sorted(self._open.held[me.id])]
        offered = [offered_view(rows[session_id]) for session_id in sorted(self._open.offered[me.id])]
        return mine + offered + [open_view(row) for row in self._open.queue(me)]


def chunked(items: Iterable[Item], size: Callable[[Item], int]) -> Iterator[list[Item]]:
    """The items in order, in lists that together are no larger than a frame may be; one alone may be larger."""
    chunk: list[Item] = []
    total = 0
    for item in items:
        if chunk and total + size(item) > FRAME_CHARACTERS:
            yield chunk
            chunk, total = [], 0
        chunk.append(item)
        total += size(item)
    if chunk:
        yield chunk
