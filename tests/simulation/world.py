"""What a run has one of: its seed, its time, its trace, and what was found wrong."""

import asyncio
import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from contextvars import Context
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest import mock

from tests.simulation.nodes import Loop, Node

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
_OUTSIDE = Context()
"""Of what happens on no machine: the net, the faults, whoever judges."""


@dataclass
class World:
    """Everything that is decided by chance is decided by `seed`, each kind of thing by a chance of its own, so that
    the order in which two machines are asked decides nothing.
    """

    seed: int
    loop: Loop
    wrong: list[str] = field(default_factory=list)
    is_calm: bool = False
    """No more faults."""
    is_over: bool = False
    """Nothing goes over the net any more."""
    _lines: list[tuple[float, str, str]] = field(default_factory=list)

    def chance(self, name: str) -> random.Random:
        """A source of chance for the thing of this name."""
        return random.Random(f"{self.seed} {name}")

    @property
    def now(self) -> float:
        """Seconds since the run began."""
        return self.loop.now

    def later(self, seconds: float, call: Callable[..., Any], *args: Any) -> None:
        """Have this happen, on no machine."""
        self.loop.call_at(self.now + seconds, call, *args, context=_OUTSIDE.copy())

    async def sleep(self, seconds: float) -> None:
        """Wait, whether or not one's own machine runs."""
        over = self.loop.create_future()
        self.later(seconds, lambda: None if over.done() else over.set_result(None))
        await over

    def note(self, who: str, what: str) -> None:
        """Write down that something happened."""
        if not self.is_over:
            self._lines.append((self.now, who, what))

    def blame(self, what: str) -> None:
        """Write down that a promise was broken; each is told once."""
        if what not in self.wrong and not self.is_over:
            self.wrong.append(what)
            self.note("judge", what)

    def trace(self) -> list[str]:
        """What happened, in order. Of one moment, each machine tells its own."""
        ordered = sorted(self._lines, key=lambda line: line[:2])
        return [f"{at:10.4f}  {who:10}  {what}" for at, who, what in ordered]


@dataclass
class WallClock:
    """A machine's idea of the time of day. It may be wrong, and be set."""

    world: World
    wrong_by: float = 0.0

    def __call__(self) -> datetime:
        return START + timedelta(seconds=self.world.now + self.wrong_by)


@contextmanager
def nothing_by_accident(world: World) -> Iterator[None]:
    """Keys, tokens and ids follow from the seed; syncing takes no time, since no real power is ever cut."""
    entropy = world.chance("entropy")

    def urandom(count: int) -> bytes:
        return entropy.randbytes(count)

    with ExitStack() as patches:
        for name in ("os.urandom", "random._urandom"):
            patches.enter_context(mock.patch(name, urandom))
        patches.enter_context(mock.patch("os.fsync"))
        yield


def run_world(seed: int, work: Callable[[World], Any]) -> World:
    """Run this in a world of its own."""
    with asyncio.Runner(loop_factory=Loop) as runner:
        loop = runner.get_loop()
        assert isinstance(loop, Loop)
        world = World(seed, loop)
        loop.set_exception_handler(lambda _, told: _unheard(world, told))
        with nothing_by_accident(world):
            runner.run(work(world))
    return world


def _unheard(world: World, told: dict[str, Any]) -> None:
    world.blame(f"nobody heard of an error: {told.get('message')}: {told.get('exception')!r}")


__all__ = ["START", "Node", "WallClock", "World", "run_world"]
