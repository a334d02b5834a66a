"""The demo: a believable shop on this machine, with everything real but the people.

    this process      the dashboard (or the story), in the foreground
      └ keeper        makes the shop in a folder, clears up when the pipe from its parent closes
         ├ backend    the real one, on a free port
         └ live       customers and a rival mechanic, over real HTTP

`mechtui demo` runs it; `docs/demo.md` says what there is to see.
"""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from mechtui.config import ClientSettings
from mechtui.exits import Exit, say
from mechtui.server.demo.shopfront import OpenShop, Order, ShopError, open_shop
from mechtui.terminal import shows_nothing

_INTERRUPTED = 130


def run_demo(seed: int, speed: float, keep: str | None, *, story: bool, postgres: bool = False) -> int:
    """Open the shop and show it, or play the story where asked to or where there is no terminal that could show it.

    `speed` makes demo time pass so much faster; `keep` is a folder to leave the shop in. With `postgres` the shop's
    database is on a PostgreSQL server of its own. Returns the exit status.
    """
    story = story or shows_nothing(os.environ) or not (sys.stdin.isatty() and sys.stdout.isatty())
    order = Order(seed, speed, keep, people=not story, postgres=postgres)
    return visit(order, _story if story else _dashboard, quiet=story)


def visit(order: Order, stay: Callable[[OpenShop], int], *, quiet: bool = False) -> int:
    """Open a shop, be in it for as long as `stay` takes, and close it, however that ends. Returns the exit status."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _leave)
    if not quiet:
        print("Opening the shop ...", flush=True)
    try:
        with open_shop(order) as shop:
            status = stay(shop)
    except ShopError as error:
        say(f"the demo's shop did not open: {error}")
        return Exit.REFUSED
    except KeyboardInterrupt:
        return _INTERRUPTED
    if order.keep is not None:
        print(f"The shop is kept in {shop.folder}")
    return status


def _dashboard(shop: OpenShop) -> int:
    from mechtui.app import run_dashboard

    return run_dashboard(client_settings(shop))


def _story(shop: OpenShop) -> int:
    from mechtui.server.demo.story import run_story

    return run_story(shop, client_settings(shop))


def client_settings(shop: OpenShop) -> ClientSettings:
    """Dana's settings: what her dashboard needs to know."""
    folder = Path(shop.folder)
    journal, config = folder / "journal", folder / "config.toml"
    return ClientSettings(shop.server, shop.dana, "the demo", journal, config, downloads=folder)


def _leave(number: int, _frame: object) -> None:
    """End in good order, so that the shop is closed on the way out."""
    raise SystemExit(128 + number)
