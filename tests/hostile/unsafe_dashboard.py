"""mechtui without its sanitiser: `python -m tests.hostile.unsafe_dashboard [ARGUMENTS]`. The control of the tests."""

import sys

from mechtui.text import SafeText


def _as_it_is(cls: type[SafeText], text: str = "", /) -> SafeText:
    return str.__new__(cls, text)


SafeText.__new__ = _as_it_is  # type: ignore[method-assign]
SafeText.block = classmethod(_as_it_is)  # type: ignore[method-assign, assignment]

if __name__ == "__main__":
    from mechtui.app import ThemedApp
    from mechtui.cli import run
    from tests.hostile.watched_dashboard import TOAST_SECONDS

    ThemedApp.NOTIFICATION_TIMEOUT = TOAST_SECONDS
    sys.exit(run(sys.argv[1:]))
