"""What ties a process of the demo to the one that started it: its standard input.

The first line is what it has to do, as JSON. The end of the input means that the other side is gone, however it
went, kill -9 included: then it is time to go, too. This works on every system that has pipes.
"""

import asyncio
import json
import signal
import sys
from typing import Any, Self


class Lifeline:
    """The input of this process, from its first line to its end."""

    def __init__(self, order: dict[str, Any], input_ends: asyncio.Task[bytes]) -> None:
        self.order = order
        """What is to be done."""
        self.over = asyncio.Event()
        """Set when it is time to go: at the end of the input, or on SIGTERM."""
        self._input_ends = input_ends
        input_ends.add_done_callback(lambda _: self.over.set())
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, self.over.set)

    @classmethod
    async def grasp(cls) -> Self:
        """Read the first line and hold on."""
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader()
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        order = json.loads(await reader.readline())
        return cls(order, loop.create_task(reader.read()))
