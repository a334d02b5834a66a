"""The real backend as the demo runs it: the session pages stand in for the shop's web site, and short sessions count.

The keeper runs it as `python -m mechtui.server.demo.backend DATABASE PORT`. It ends with the keeper, however that went.
"""

import os
import signal
import sys
from threading import Thread

from mechtui.config import Rules, ServerSettings
from mechtui.server.demo.pages import session_page
from mechtui.server.serve import run_server

SHOP_NAME = "Main Street Garage"
COMPLETED_SECONDS = 3
"""A session in which the customer was greeted counts as completed; nobody wants to wait for a minute here."""


def main() -> int:
    """Serve until told to stop, or until the input ends."""
    database, port = sys.argv[1:]
    Thread(target=_end_with_input, daemon=True).start()
    rules = Rules(completed_seconds=COMPLETED_SECONDS)
    settings = ServerSettings(database, port=int(port), rules=rules, shop_name=SHOP_NAME)
    return run_server(settings, page=session_page)


def _end_with_input() -> None:
    # Not through `sys.stdin`: its lock, held by a thread that waits, stops the interpreter from ending.
    while os.read(sys.stdin.fileno(), 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(main())
