"""A terminal that dies in the middle of a write: `python -m tests.faults.dying MOMENT BUG WORDS…`.

The words are those of a `mechtui` command, or `dashboard SESSION KEYS…`: the real dashboard without a screen, where
these keys are pressed, and which ends once the session is the mechanic's and nothing is unknown. It prints what it
shows then.

MOMENT is one of `MOMENTS`, or milliseconds from when the write is sent; `never` lets it live. A process that dies is
killed with SIGKILL, by itself: no handler, no tidying up.
"""

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Callable
from typing import Any, NoReturn

import httpx

from mechtui.api_calls import Calls
from mechtui.app import MechtuiApp, _app_for
from mechtui.cli import run
from mechtui.config import client_settings
from mechtui.journal import Entry, Journal
from mechtui.rows import Tab

MOMENTS = ("before it is noted", "noted", "sent", "answered", "settled")
"""Of a write: before and after it is in the journal, when its last byte has been sent, when its answer is there, and
when that is noted."""
PATIENCE_SECONDS = 60.0


def die(*_: object) -> NoReturn:
    """At once, without a word."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("nobody lives after that")


def arm(moment: str) -> None:
    """Have this process die at this moment of its first write."""
    match moment:
        case "never":
            pass
        case "before it is noted":
            Journal.begin = die  # type: ignore[assignment, method-assign]
        case "noted":
            Journal.begin = _and_die_after(Journal.begin)  # type: ignore[method-assign]
        case "settled":
            Journal.settle = _and_die_after(Journal.settle)  # type: ignore[method-assign]
        case "answered":
            Journal.settle = die  # type: ignore[assignment, method-assign]
        case "sent":
            _once_sent(die)
        case milliseconds:
            _once_sent(lambda: threading.Timer(float(milliseconds) / 1000, die).start())


def _and_die_after(step: Callable[..., None]) -> Callable[..., None]:
    def last(self: Journal, *args: Any) -> None:
        step(self, *args)
        die()

    return last


def _once_sent(then: Callable[[], object]) -> None:
    """Do this when the last byte of a write has gone out."""
    carry_out = httpx.AsyncHTTPTransport.handle_async_request

    async def trace(event: str, _: Any) -> None:
        if event == "http11.send_request_body.complete":
            then()

    async def traced(self: httpx.AsyncHTTPTransport, request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            request.extensions["trace"] = trace
        return await carry_out(self, request)

    httpx.AsyncHTTPTransport.handle_async_request = traced  # type: ignore[method-assign]


def journal_after_sending() -> None:
    """The planted bug: a write is noted when its answer is there."""
    carry_out, begin = Calls._carry_out, Calls._begin

    async def unnoted(_: Calls, __: Entry) -> None:
        """Later."""

    async def noted_late(self: Calls, entry: Entry, *, asked_before: bool) -> bytes:
        content = await carry_out(self, entry, asked_before=asked_before)
        await begin(self, entry)
        return content

    Calls._begin = unnoted  # type: ignore[assignment, method-assign]
    Calls._carry_out = noted_late  # type: ignore[method-assign]


async def at_the_dashboard(session: str, keys: list[str]) -> None:
    """Start it, press the keys, wait until one has the session."""
    settings = client_settings()
    app, journal = _app_for(settings), Journal(settings.journal)
    assert isinstance(app, MechtuiApp)
    async with app.run_test(size=(120, 36)) as pilot, asyncio.timeout(PATIENCE_SECONDS):
        while not app.store.synced:
            await pilot.pause(0.01)
        await pilot.press(*keys)
        while session not in app.store.rows(Tab.ACTIVE).rows or app.store.claims or journal.unsettled():
            await pilot.pause(0.01)
        await pilot.pause()
        print("\n".join("".join(part.text for part in strip) for strip in app.screen._compositor.render_strips()))


if __name__ == "__main__":
    when, bug, *words = sys.argv[1:]
    arm(when)
    if bug == "journal-after-sending":
        journal_after_sending()
    if words[0] == "dashboard":
        asyncio.run(at_the_dashboard(words[1], words[2:]))
    else:
        sys.exit(run(words))
