"""How long `mechtui --version` and `mechtui --help` take beyond Python itself."""

import sys
from functools import partial
from pathlib import Path

from benchmarks.table import Row
from benchmarks.timing import alternating, seconds_of

_LIMIT_MS = 150


def measure(rounds: int = 11) -> list[Row]:
    """The installed command against `python -c pass`."""
    mechtui = str(Path(sys.executable).with_name("mechtui"))
    commands = ([sys.executable, "-c", "pass"], [mechtui, "--version"], [mechtui, "--help"])
    bare, version, usage = alternating(rounds, *(partial(seconds_of, command) for command in commands))
    beside = f"python -c pass {bare * 1000:.0f} ms"
    return [
        Row("mechtui --version, beyond bare Python", (version - bare) * 1000, "ms", _LIMIT_MS, beside=beside),
        Row("mechtui --help, beyond bare Python", (usage - bare) * 1000, "ms", _LIMIT_MS, beside=beside),
    ]
