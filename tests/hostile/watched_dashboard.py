"""mechtui, which notes in the file named by MECHTUI_TEST_PAINTED whatever class was painted, a line each.

Its toasts go soon, so that none hides another.
"""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import TextArea

TOAST_SECONDS = 2.5
_seen: set[type] = set()


def _watched(render: Callable[[Any, Region], list[Strip]]) -> Callable[[Any, Region], list[Strip]]:
    def render_lines(self: Any, crop: Region) -> list[Strip]:
        if type(self) not in _seen:
            _seen.add(type(self))
            with Path(os.environ["MECHTUI_TEST_PAINTED"]).open("a") as file:
                file.write(f"{type(self).__module__}.{type(self).__qualname__}\n")
        return render(self, crop)

    return render_lines


if __name__ == "__main__":
    from mechtui.app import ThemedApp
    from mechtui.cli import run

    ThemedApp.NOTIFICATION_TIMEOUT = TOAST_SECONDS
    for kind in (Widget, TextArea):
        setattr(kind, "render_lines", _watched(kind.render_lines))  # noqa: B010 - what cannot be assigned to
    sys.exit(run(sys.argv[1:]))
