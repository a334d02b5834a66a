"""An event loop whose time passes at once when nothing is left to do, and lines a test holds the other end of."""

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import BaseModel

from mechtui.feed_line import Line, LineClosed

T = TypeVar("T")


class _Selector(selectors.SelectSelector):
    """Never waits: the time it was to wait is added to the clock instead."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready:
            assert timeout is not None, "everything waits for something that never comes"
            self.now += max(0.0, timeout)
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._virtual = _Selector()
        super().__init__(self._virtual)

    def time(self) -> float:
        return self._virtual.now


def run(main: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run a coroutine in virtual time; hours of waiting take none."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main())


def now() -> float:
    return asyncio.get_running_loop().time()


@dataclass
class FakeLine:
    """A line whose server is the test: `frames` come at once, then `then`, else silence."""

    frames: list[BaseModel | str] = field(default_factory=list)
    then: LineClosed | None = None
    sent: list[str] = field(default_factory=list)
    dropped: bool = False
    opened: asyncio.Event = field(default_factory=asyncio.Event)
    _pushed: asyncio.Queue[BaseModel | str | LineClosed] = field(default_factory=asyncio.Queue)

    def push(self, *frames: BaseModel | str | LineClosed) -> None:
        for frame in frames:
            self._pushed.put_nowait(frame)

    async def recv(self) -> str | bytes:
        if self.frames:
            frame: BaseModel | str | LineClosed = self.frames.pop(0)
        elif self.then is not None:
            frame = self.then
        else:
            frame = await self._pushed.get()
        if isinstance(frame, LineClosed):
            raise frame
        return frame if isinstance(frame, str) else frame.model_dump_json(by_alias=True)

    async def send(self, frame: str) -> None:
        self.sent.append(frame)

    async def drop(self) -> None:
        self.dropped = True


@dataclass
class Lines:
    """Opens the lines of a script one after the other; after the last there are none to be had."""

    script: list[FakeLine | LineClosed]
    opened: list[float] = field(default_factory=list)

    async def __call__(self) -> Line:
        step = self.script[len(self.opened)] if len(self.opened) < len(self.script) else LineClosed("no more lines")
        self.opened.append(now())
        if isinstance(step, LineClosed):
            raise step
        step.opened.set()
        return step
