"""Bugs that the simulation must catch: each puts one into the program until its block ends."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, tzinfo
from typing import Any
from unittest import mock
from uuid import uuid4

import httpx

from mechtui.api_answers import NoAnswer
from mechtui.api_calls import Calls
from mechtui.clock import Clock
from mechtui.feed import Feed
from mechtui.frames import Delta, Heartbeat
from mechtui.journal import Entry
from mechtui.replica import Replica, Update
from mechtui.server.db import commits, events
from mechtui.server.db.connection import Columns, Row, WritingConnection
from mechtui.server.db.events import Batch, Draft, Event
from mechtui.server.db.tx import Tx
from mechtui.server.hub import Hub
from tests.simulation import terminal
from tests.simulation.driven import DrivenWriter


@contextmanager
def digest_not_compared() -> Iterator[None]:
    """A terminal takes every heartbeat for a proof."""
    careful = Replica._heartbeat

    def careless(self: Replica, frame: Heartbeat) -> list[Update]:
        return careful(self, frame.model_copy(update={"digest": self.digest}))

    with mock.patch.object(Replica, "_heartbeat", careless):
        yield


@contextmanager
def gaps_swallowed() -> Iterator[None]:
    """A terminal goes on behind a gap. The digest would find it, so that is not compared either."""
    careful = Replica._delta

    def careless(self: Replica, frame: Delta) -> list[Update]:
        return careful(self, frame.model_copy(update={"seq_from": min(frame.seq_from, self.seq)}))

    with digest_not_compared(), mock.patch.object(Replica, "_delta", careless):
        yield


@contextmanager
def wall_clock_for_age() -> Iterator[None]:
    """How old rows are is told by the clock on the wall."""

    def clock(steady: Callable[[], float], wall: Callable[[], datetime], zone: tzinfo) -> Clock:
        return Clock(lambda: wall().timestamp(), wall, zone)

    with mock.patch.object(terminal, "Clock", clock):
        yield


@contextmanager
def sleep_not_noticed() -> Iterator[None]:
    """The feed looks at a clock that stands still while the machine sleeps."""

    def feed(*args: Any, clock: Callable[[], float], **more: Any) -> Feed:
        return Feed(*args, **more, clock=lambda: 0.0)

    with mock.patch.object(terminal, "Feed", feed):
        yield


@contextmanager
def key_not_reused() -> Iterator[None]:
    """A write whose outcome is not known is asked about under a new key."""
    careful = Calls._until_answered

    async def careless(self: Calls, entry: Entry, *, uncertain: bool) -> tuple[httpx.Response | NoAnswer, bool]:
        asked = replace(entry, key=str(uuid4())) if uncertain else entry
        return await careful(self, asked, uncertain=uncertain)

    with mock.patch.object(Calls, "_until_answered", careless):
        yield


@contextmanager
def answers_forgotten() -> Iterator[None]:
    """No answer is stored: a repeated wish is a new one."""
    careful = Tx.insert_later

    def forgetful(self: Tx, columns: Columns, row: Row) -> None:
        if columns.table != "idempotency":
            careful(self, columns, row)

    with mock.patch.object(Tx, "insert_later", forgetful):
        yield


@contextmanager
def published_before_commit() -> Iterator[None]:
    """Terminals are told what is about to be durable."""
    append, work, deliver = events.append, DrivenWriter._work, DrivenWriter._deliver

    def early(self: DrivenWriter) -> None:
        def told(connection: WritingConnection, now: str, drafts: list[Draft]) -> Batch | None:
            batch = append(connection, now, drafts)
            if batch is not None:
                self._publish(batch)
            return batch

        with mock.patch.object(commits, "append", told):
            work(self)

    def answer_only(self: DrivenWriter, jobs: list[Any], batch: Batch | None) -> None:
        deliver(self, jobs, None)

    with mock.patch.object(DrivenWriter, "_work", early), mock.patch.object(DrivenWriter, "_deliver", answer_only):
        yield


@contextmanager
def commits_not_synced() -> Iterator[None]:
    """An answer goes out before what it says is on the disk."""
    careful = DrivenWriter.__init__

    def careless(self: DrivenWriter, *args: Any) -> None:
        careful(self, *args)
        self.connection.execute("PRAGMA synchronous = OFF")

    with mock.patch.object(DrivenWriter, "__init__", careless):
        yield


@contextmanager
def event_missed_by_hub() -> Iterator[None]:
    """The hub does not take in one event of nine."""
    careful = Hub._take

    def careless(self: Hub, event: Event) -> Event:
        return event if event.seq % 9 == 0 else careful(self, event)

    with mock.patch.object(Hub, "_take", careless):
        yield


BUGS = [
    digest_not_compared, gaps_swallowed, wall_clock_for_age, sleep_not_noticed, key_not_reused,
    answers_forgotten, published_before_commit, commits_not_synced, event_missed_by_hub,
]  # fmt: skip
