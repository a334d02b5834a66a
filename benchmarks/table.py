"""What a benchmark gives, and how it is printed: the figure beside its limit and beside something known."""

import os
import platform
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles


@dataclass(frozen=True)
class Row:
    """One figure. `limit` is the most it may be, or with `at_least` the least; without one it only informs.

    `beside` names what was measured in the same run for comparison.
    """

    what: str
    measured: float
    unit: str
    limit: float | None = None
    at_least: bool = False
    beside: str = ""

    @property
    def goal(self) -> str:
        """The limit in words."""
        return "" if self.limit is None else f"{'≥' if self.at_least else '≤'} {shown(self.limit, self.unit)}"

    @property
    def verdict(self) -> str:
        """`ok`, or by how much the limit was missed."""
        if self.limit is None:
            return ""
        over = (self.limit - self.measured if self.at_least else self.measured - self.limit) / self.limit
        return "ok" if over <= 0 else f"missed by {over:.0%}"


def shown(value: float, unit: str) -> str:
    """A figure with three digits and its unit."""
    digits = f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
    return f"{digits} {unit}" if unit[0].isalpha() or unit == "%" else f"{digits}{unit}"


def percentile(values: Sequence[float], percent: int) -> float:
    """The value that `percent` of 100 do not exceed."""
    return quantiles(values, n=100, method="inclusive")[percent - 1]


class Machine:
    """What it is measured on, and how much of it others took since this was made."""

    def __init__(self) -> None:
        self._started = time.perf_counter()
        self._others = _others_seconds()

    def __str__(self) -> str:
        seconds = time.perf_counter() - self._started
        others = (_others_seconds() - self._others) / seconds
        system = f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
        return f"{os.cpu_count()} cores, {system}; took {seconds:.0f} s, in which others used {others:.0%} of a core"


def _others_seconds() -> float:
    """Seconds that the machine's cores were busy with other work than this process and the children it has ended."""
    counted = Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]
    user, nice, system, _idle, _waiting, irq, softirq, *_ = map(int, counted)
    own = os.times()
    busy = (user + nice + system + irq + softirq) / os.sysconf("SC_CLK_TCK")
    return busy - own.user - own.system - own.children_user - own.children_system


def table(rows: Iterable[Row]) -> str:
    """The rows as aligned text."""
    lines = [("what", "goal", "measured", "verdict", "beside it")]
    lines += [(row.what, row.goal, shown(row.measured, row.unit), row.verdict, row.beside) for row in rows]
    widths = [max(len(line[n]) for line in lines) for n in range(len(lines[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )
