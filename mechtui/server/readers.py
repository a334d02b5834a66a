"""Who is reading which request right now: told to the terminals that have it in their queue, kept nowhere."""

from collections.abc import Iterable

from mechtui.server.viewers import Viewer
from mechtui.server.wire import to_json


def names(viewers: Iterable[Viewer], session_id: str, me: str) -> list[str]:
    """The names of the others who read a session; `me` is the mechanic who is told."""
    return sorted(
        {v.mechanic.name for v in viewers if v.reading == session_id and v.mechanic.id != me},
    )


def frame(viewers: Iterable[Viewer], session_id: str, me: str) -> str:
    """What a terminal of `me` is told of a session's readers."""
    return to_json({"t": "reading", "session": session_id, "by": names(viewers, session_id, me)})
