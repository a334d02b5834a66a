"""The server's time: UTC, to the millisecond, as the text that is stored and sent."""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The time of this machine in UTC."""
    return datetime.now(UTC)


class ForwardClock:
    """The time of `clock`, which may be set back: then this one goes on from where it was, by the `steady` seconds.

    Whoever compares times so never sees one go back, and none stands still for longer than a second.
    """

    _SLACK = timedelta(seconds=1)
    """Set back by less than this, it waits."""

    def __init__(self, clock: Clock = utc_now, steady: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._steady = steady
        self._lock = threading.Lock()
        self._last, self._read_at = clock(), steady()

    def __call__(self) -> datetime:
        """The time now."""
        with self._lock:
            wall, at = self._clock(), self._steady()
            if wall < self._last - self._SLACK:
                wall = self._last + timedelta(seconds=at - self._read_at)
            self._last, self._read_at = max(wall, self._last), at
            return self._last

    def at_least(self, then: datetime) -> None:
        """It is this late already, by the clock of another backend, or of this one before it was started anew."""
        with self._lock:
            if then > self._last:
                self._last, self._read_at = then, self._steady()


def stamp(moment: datetime) -> str:
    """`moment` as text of fixed width, `2026-01-31T12:00:00.000Z`; later times compare as greater text."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def moment(text: str) -> datetime:
    """The moment of a stamp."""
    return datetime.fromisoformat(text)


@lru_cache(maxsize=1024)
def shifted(text: str, seconds: float) -> str:
    """The stamp `seconds` after the stamp `text`; before it when negative."""
    return stamp(moment(text) + timedelta(seconds=seconds))
