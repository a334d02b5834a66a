"""Machines that can die and fall asleep between any two steps of what runs on them.

What runs on a machine is told by its context: everything a task begins belongs to the machine the task belongs to.
A step of a dead machine is never taken; one of a sleeping machine waits, and so does its time.
"""

import asyncio
import heapq
import random
from collections.abc import Callable, Coroutine
from contextvars import Context, ContextVar, copy_context
from typing import Any

from tests.client.virtual import VirtualLoop

_LEAST_SECONDS = 1e-6
"""So much later an alarm that is a rounding error early is tried again."""
_HERE: ContextVar["Node | None"] = ContextVar("machine", default=None)


class Node:
    """A machine, or rather a process on it: a new one after each start. `chance` decides how slow its disk is."""

    def __init__(self, name: str, chance: random.Random) -> None:
        self.name = name
        self.chance = chance
        self.runs = True
        self.behind = 0.0
        """How much of the world's time this machine has slept through."""
        self.tasks: list[asyncio.Task[Any]] = []
        self.context = copy_context()
        self.context.run(_HERE.set, self)
        self._since = 0.0
        self._waiting: list[asyncio.Handle] = []

    def start(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Run this on the machine."""
        return asyncio.get_running_loop().create_task(work, context=self.context.copy())

    def stop(self, now: float) -> None:
        """Fall asleep, or die: nothing runs any more."""
        if self.runs:
            self.runs, self._since = False, now

    def wake(self, now: float) -> None:
        """Go on where it stopped."""
        if self.runs:
            return
        self.runs = True
        self.behind += now - self._since
        waiting, self._waiting = self._waiting, []
        loop = asyncio.get_running_loop()
        assert isinstance(loop, Loop)
        for handle in waiting:
            loop.again(handle)

    def take(self, handle: asyncio.Handle) -> bool:
        """Whether this step can be taken now; if not, it waits."""
        if not self.runs:
            self._waiting.append(handle)
        return self.runs

    async def bury(self, now: float) -> None:
        """At the very end: let what is left of it find out that it is over, however often it must be told."""
        left = {task for task in self.tasks if not task.done()}
        while left:
            for task in left:
                task.cancel()
            self.wake(now)
            _, left = await asyncio.wait(left, timeout=1.0)


class _Step(asyncio.Handle):
    """A step of a machine."""

    node: Node

    def _run(self) -> None:
        if self.node.take(self):
            super()._run()


class _Alarm(asyncio.TimerHandle):
    """A step of a machine at a time of its own clock."""

    node: Node
    due: float

    def _run(self) -> None:
        if not self.node.take(self):
            return
        loop = self._loop  # type: ignore[attr-defined]
        if loop.now - self.node.behind < self.due:
            loop.put(self, max(self.due + self.node.behind, loop.now + _LEAST_SECONDS))
        else:
            super()._run()


class Loop(VirtualLoop):
    """Virtual time, in which each machine has its own. Threads are none: their work is done a little later, here."""

    def __init__(self) -> None:
        super().__init__()
        self.set_task_factory(_task)  # type: ignore[arg-type]

    @property
    def now(self) -> float:
        """The world's time."""
        return self._virtual.now

    def time(self) -> float:
        """The time of the machine that asks."""
        node = _HERE.get()
        return self.now if node is None else self.now - node.behind

    def call_soon(  # type: ignore[override]
        self, callback: Callable[..., Any], *args: Any, context: Context | None = None
    ) -> asyncio.Handle:
        context = copy_context() if context is None else context
        node = context.get(_HERE)
        if node is None:
            return super().call_soon(callback, *args, context=context)
        step = _Step(callback, args, self, context)
        step.node = node
        self.again(step)
        return step

    def call_at(  # type: ignore[override]
        self, when: float, callback: Callable[..., Any], *args: Any, context: Context | None = None
    ) -> asyncio.TimerHandle:
        context = copy_context() if context is None else context
        node = context.get(_HERE)
        if node is None:
            return super().call_at(when, callback, *args, context=context)
        alarm = _Alarm(when, callback, args, self, context)
        alarm.node, alarm.due = node, when
        self.put(alarm, when + node.behind)
        return alarm

    def again(self, step: asyncio.Handle) -> None:
        """Take this step as soon as may be."""
        self._ready.append(step)  # type: ignore[attr-defined]

    def put(self, alarm: asyncio.TimerHandle, when: float) -> None:
        """Take this step at this time of the world."""
        alarm._when = when  # type: ignore[attr-defined]
        alarm._scheduled = True  # type: ignore[attr-defined]
        heapq.heappush(self._scheduled, alarm)  # type: ignore[attr-defined]

    def run_in_executor(  # type: ignore[override]
        self, executor: object, work: Callable[..., Any], *args: Any
    ) -> asyncio.Future[Any]:
        """What a thread would do is done between two steps, and takes a while before and after."""
        future = self.create_future()
        node = _HERE.get()

        def do() -> None:
            try:
                settle, result = future.set_result, work(*args)
            except Exception as error:
                settle, result = future.set_exception, error
            self.call_later(_while(node), lambda: None if future.done() else settle(result))

        self.call_later(_while(node), do)
        return future


def _while(node: Node | None) -> float:
    return 0.0 if node is None else node.chance.uniform(0.0002, 0.008)


def _task(loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, Any], **more: Any) -> asyncio.Task[Any]:
    task = asyncio.Task(work, loop=loop, **more)
    context = more.get("context")
    node = _HERE.get() if context is None else context.get(_HERE)
    if node is not None:
        node.tasks.append(task)
    return task


def here() -> Node:
    """The machine this runs on."""
    node = _HERE.get()
    assert node is not None, "this runs on no machine"
    return node
