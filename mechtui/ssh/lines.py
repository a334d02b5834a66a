"""Between a channel and the descriptors of a login's process: bytes both ways, and nothing piled up."""

import asyncio
import os
from collections.abc import Callable

_AT_ONCE = 64 * 1024
_MOST_UNTAKEN = 64 * 1024
"""Of what a client typed and the program has not read: then the client has to wait."""


class Output:
    """What a process writes to a descriptor, handed to `write` until it ends; then `ended` is done.

    The descriptor is closed by `close`, or by its end.
    """

    def __init__(self, descriptor: int, write: Callable[[bytes], None]) -> None:
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.descriptor = descriptor
        self._write = write
        os.set_blocking(descriptor, False)
        self.resume()

    def pause(self) -> None:
        """Read no more: the process has to wait when it has written what the system keeps."""
        if not self.ended.done():
            asyncio.get_running_loop().remove_reader(self.descriptor)

    def resume(self) -> None:
        """Read on."""
        if not self.ended.done():
            asyncio.get_running_loop().add_reader(self.descriptor, self._read)

    def close(self) -> None:
        """Read no more, for good. What is at the other end of a terminal is hung up."""
        if not self.ended.done():
            self.pause()
            self.ended.set_result(None)
            os.close(self.descriptor)

    def _read(self) -> None:
        try:
            read = os.read(self.descriptor, _AT_ONCE)
        except BlockingIOError:
            return
        except OSError:  # what Linux says of a terminal that nobody has open any more
            read = b""
        if read:
            self._write(read)
        else:
            self.close()


class Input:
    """What is typed, on its way to a descriptor, which stays its owner's to close.

    `hold` is told when more is on its way than should be (True), and when all has been taken (False).
    """

    def __init__(self, descriptor: int, hold: Callable[[bool], None]) -> None:
        self._descriptor = descriptor
        self._hold = hold
        self._untaken = bytearray()

    def write(self, data: bytes) -> None:
        """Send it, now or as soon as it is taken."""
        waits = bool(self._untaken)
        self._untaken += data
        if not waits:
            self._send()
        if len(self._untaken) > _MOST_UNTAKEN:
            self._hold(True)

    def close(self) -> None:
        """Nothing more is sent."""
        if self._untaken:
            asyncio.get_running_loop().remove_writer(self._descriptor)
            self._untaken.clear()

    def _send(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            del self._untaken[: os.write(self._descriptor, self._untaken)]
        except BlockingIOError:
            pass
        except OSError:  # the terminal is gone; its output tells
            self._untaken.clear()
        if self._untaken:
            loop.add_writer(self._descriptor, self._send)
        else:
            loop.remove_writer(self._descriptor)
            self._hold(False)
