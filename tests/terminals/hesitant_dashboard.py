"""mechtui on a machine that has no time just after it has looked how large the window is, where that is very small."""

import sys
import time

from mechtui.driver import TerminalDriver

BUSY_SECONDS = 0.5
_size = TerminalDriver._get_terminal_size


def _then_busy(driver: TerminalDriver) -> tuple[int, int]:
    size = _size(driver)
    if size == (1, 1):
        time.sleep(BUSY_SECONDS)
    return size


setattr(TerminalDriver, "_get_terminal_size", _then_busy)  # noqa: B010 - a method is not to be assigned to

if __name__ == "__main__":
    from mechtui.cli import run

    sys.exit(run(sys.argv[1:]))
