"""The server's time: UTC, to the millisecond, as the text that is stored and sent."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The time of this machine in UTC."""
    return datetime.now(UTC)


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
