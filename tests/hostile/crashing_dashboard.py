"""mechtui with a fault that has a customer's words in it: `python -m tests.hostile.crashing_dashboard [ARGUMENTS]`."""

import sys

from mechtui.screens.dashboard import DashboardScreen

WORDS = "\x1b]0;zq210x\x07\u202e\x9b2J\x1b[2J"


def _crash(_: DashboardScreen) -> None:
    raise ValueError(WORDS)


if __name__ == "__main__":
    from mechtui.cli import run

    DashboardScreen.do_preview = _crash  # type: ignore[method-assign, assignment]
    sys.exit(run(sys.argv[1:]))
