"""An upgrade that is killed in the middle, without a word: `python -m tests.data.killed DATABASE`."""

import os
import signal
import sys
from collections.abc import Callable, Iterable
from typing import Any

from mechtui.server.db.engine import engine_of
from mechtui.server.db.postgres import schema
from mechtui.server.db.sqlite import files

STEPS_DONE = 3


def some_of_them(apply: Callable[[Any, Iterable[str]], None]) -> Callable[[Any, Iterable[str]], None]:
    """Some steps, and then nothing more."""

    def planted(connection: Any, steps: Iterable[str]) -> None:
        apply(connection, list(steps)[:STEPS_DONE])
        os.kill(os.getpid(), signal.SIGKILL)

    return planted


if __name__ == "__main__":
    schema._apply = some_of_them(schema._apply)  # type: ignore[assignment]
    files._apply_steps = some_of_them(files._apply_steps)  # type: ignore[assignment]
    engine_of(sys.argv[1]).upgrade()
