"""What the backend sent, as it came: `--json` prints that, so that nothing is lost which this version does not know."""

import json
from typing import Any


class LastAnswer:
    """The answer heard last, over HTTP."""

    def __init__(self) -> None:
        self._content: str | bytes = b""

    def hear(self, content: str | bytes) -> None:
        """Take the text of an answer."""
        self._content = content

    def read(self) -> Any:
        """What it says."""
        return json.loads(self._content)


class FeedText:
    """The rows of the snapshot and the events of the delta heard last, over the feed or while polling."""

    def __init__(self) -> None:
        self._seq = -1
        self._rows: dict[str, Any] = {}
        self._events: dict[int, Any] = {}

    def hear(self, content: str | bytes) -> None:
        """Take the text of a frame, or of a snapshot; parts of one snapshot are of one position."""
        sent = json.loads(content)
        if "events" in sent:
            self._events = {event["seq"]: event for event in sent["events"]}
        if "sessions" in sent:
            if sent["seq"] != self._seq:
                self._seq, self._rows = sent["seq"], {}
            self._rows |= {row["id"]: row for row in sent["sessions"]}

    def row(self, session_id: str) -> Any:
        """One row of the snapshot."""
        return self._rows[session_id]

    def event(self, seq: int) -> dict[str, Any]:
        """One event of the delta."""
        return {name: self._events[seq][name] for name in ("seq", "kind", "at", "session")}
