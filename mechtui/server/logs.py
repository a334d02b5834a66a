"""What the backend does, as lines of JSON: times, kinds, ids and codes; nothing that anybody wrote."""

from datetime import datetime, timedelta
from typing import TextIO

from mechtui.models import Code
from mechtui.server.clock import Clock, stamp
from mechtui.server.db.events import Batch
from mechtui.server.observe import Answered, Committed, Seen, Terminal, Told, TurnedAway
from mechtui.server.wire import to_json

_QUIET = timedelta(seconds=1)
"""Between two lines of those who ask too much or are turned away, for each code."""


class JsonLog:
    """Writes a line for each event of a session, each refusal, each terminal that comes or goes.

    Answers as asked are left out: of writes their events are told, and reads change nothing.
    """

    def __init__(self, to: TextIO, clock: Clock) -> None:
        self._to = to
        self._clock = clock
        self._told_of: dict[str, datetime] = {}

    def __call__(self, seen: Seen) -> None:
        """Write it."""
        match seen:
            case Committed(batch=batch):
                self._events(batch, seen.lag)
            case Answered(code=Code.TOO_MANY) | TurnedAway() if not self._is_news(seen.code):
                pass
            case Answered() if not 200 <= seen.status < 400:
                self._refused(seen)
            case TurnedAway(code):
                self._line("refused", code=code)
            case Terminal(mechanic, came):
                self._line("terminal_came" if came else "terminal_left", mechanic=mechanic)
            case Told(event, why):
                self._line(event, why=why)

    def _events(self, batch: Batch, lag: float) -> None:
        for event in batch.events:
            self._line(
                str(event.kind), at=event.at, seq=event.seq, session=event.row.id, status=event.row.status,
                version=event.row.version, actor=event.actor, mechanic=event.mechanic_id, lag_ms=_ms(lag),
            )  # fmt: skip

    def _refused(self, seen: Answered) -> None:
        self._line(
            "refused" if 400 <= seen.status < 500 else "failed", method=seen.method, route=seen.route,
            session=seen.session, who=seen.who, status=seen.status, code=seen.code, ms=_ms(seen.seconds),
        )  # fmt: skip

    def _is_news(self, code: str) -> bool:
        """Whether a line with this code is due: whoever asks too much must not fill the disk with what he is told."""
        now, before = self._clock(), self._told_of.get(code)
        due = before is None or now - before >= _QUIET
        if due:
            self._told_of[code] = now
        return due

    def _line(self, event: str, at: str = "", **facts: object) -> None:
        told = {name: value for name, value in facts.items() if value not in {None, ""}}
        self._to.write(to_json({"at": at or stamp(self._clock()), "event": event} | told) + "\n")
        self._to.flush()


def _ms(seconds: float) -> float:
    return round(1000 * seconds, 1)
