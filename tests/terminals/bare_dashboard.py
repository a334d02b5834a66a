"""mechtui with the library's own driver: `python -m tests.terminals.bare_dashboard`. The control of the tests."""

import sys

from textual.drivers.linux_driver import LinuxDriver

from mechtui import app

setattr(app, "TerminalDriver", LinuxDriver)  # noqa: B010 - what a module imports is not its own to assign

if __name__ == "__main__":
    from mechtui.cli import run

    sys.exit(run(sys.argv[1:]))
