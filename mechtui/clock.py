"""Time, handed in: so that tests decide what time it is, and nothing else asks the machine."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo


def _local() -> tzinfo:
    return datetime.now().astimezone().tzinfo or UTC


@dataclass(frozen=True)
class Clock:
    """A steady clock in seconds, the machine's own idea of the time in UTC, and the zone people here live in."""

    steady: Callable[[], float] = time.monotonic
    wall: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))
    zone: tzinfo = field(default_factory=_local)
