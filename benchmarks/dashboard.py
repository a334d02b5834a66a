"""The dashboard as a process in a terminal, before a real backend with generated requests."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks.shop import Account, Serving, Shop, environ, new_shop, serving
from benchmarks.terminal import Terminal, terminal

ROWS_SHOWN = "below"
"""What the dashboard says, under more requests than fit, once it has painted them: how many are out of sight."""


@contextmanager
def shop_with_backend(open_requests: int) -> Iterator[tuple[Shop, Serving, Account]]:
    """A shop with so many open requests, its backend, and a mechanic."""
    with new_shop() as shop:
        shop.requests(open_requests)
        mechanic = shop.mechanics(1)[0]
        with serving(shop) as backend:
            yield shop, backend, mechanic


@contextmanager
def dashboard(shop: Shop, backend: Serving, mechanic: Account, size: tuple[int, int] = (80, 24)) -> Iterator[Terminal]:
    """The dashboard of this mechanic, just started."""
    command = [sys.executable, "-m", "mechtui", "--server", backend.server]
    with terminal(command, environ(shop, mechanic.token), size) as screen:
        yield screen
