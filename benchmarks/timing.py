"""Running other programs for their time."""

import os
import subprocess
import time
from collections.abc import Callable, Sequence
from statistics import median


def seconds_of(command: Sequence[str], env: dict[str, str] | None = None) -> float:
    """How long a command takes from start to end. Raises when it fails."""
    started = time.perf_counter()
    subprocess.run(command, env=env or dict(os.environ), stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - started


def alternating(rounds: int, *takes: Callable[[], float]) -> list[float]:
    """The median of each take; they take turns, so that a slow moment of the machine meets all of them."""
    results = [[take() for take in takes] for _ in range(rounds)]
    return [median(column) for column in zip(*results, strict=True)]
