"""One websocket: the backend's end as its server has it, the terminal's as its feed has it, and the way between."""

import asyncio
import json
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

from mechtui.feed_line import LineClosed
from mechtui.server.asgi import Message
from tests.simulation.world import World

if TYPE_CHECKING:
    from tests.simulation.net import Link

LONGEST_DELAY = 0.5
LONGEST_STALL = 3.0


class Wire:
    """A line between a terminal and the backend, in order both ways.

    It stands for the server's connection, too: `transport`, on which the backend writes frames without waiting.
    """

    def __init__(self, world: World, link: "Link", name: str, token: str) -> None:
        self.world = world
        self.link = link
        self.name = name
        self.token = token
        self.is_silent = False
        self.is_cut = False
        self._chance = world.chance(name)
        self._opened: asyncio.Future[None] = world.loop.create_future()
        self._to_terminal: asyncio.Queue[str | LineClosed] = asyncio.Queue()
        self._to_backend: asyncio.Queue[Message] = asyncio.Queue()
        self._under_way: deque[int] = deque()
        self._down = self._up = 0.0
        self._to_backend.put_nowait({"type": "websocket.connect"})

    def pause(self) -> float:
        """How long something takes from one end to the other."""
        return min(LONGEST_DELAY, self._chance.expovariate(1 / self.link.weather.delay))

    def stall(self, seconds: float) -> None:
        """Nothing comes to the terminal for so long, then all of it."""
        self._down = max(self._down, self.world.now + min(seconds, LONGEST_STALL))

    def cut(self, why: str) -> None:
        """Both ends learn that the line is over, unless it fell silent before."""
        if not self.is_cut:
            self.is_cut = True
            self.world.note("net", f"{self.name} {why}")
            self._arrive_below(LineClosed("the line was cut"))
            self._arrive_above({"type": "websocket.disconnect", "code": 1006})

    def silence(self) -> None:
        """From now on nothing arrives on either side, and nobody is told."""
        self.is_silent = True

    # --- the terminal's end -----------------------------------------------------------------------------------

    async def is_open(self) -> None:
        """Wait for the handshake. Raises `LineClosed`."""
        await self._opened

    async def recv(self) -> str | bytes:
        """The next frame."""
        frame = await self._to_terminal.get()
        if isinstance(frame, LineClosed):
            self._to_terminal.put_nowait(frame)
            raise frame
        return frame

    async def send(self, frame: str) -> None:
        """Send one frame."""
        if self.is_cut:
            raise LineClosed("the line was cut")
        self._arrive_above({"type": "websocket.receive", "text": frame})

    async def drop(self) -> None:
        """The terminal lets go."""
        self.is_cut = True
        self._arrive_above({"type": "websocket.disconnect", "code": 1006})

    # --- the backend's end ------------------------------------------------------------------------------------

    async def receive(self) -> Message:
        """What ASGI's `receive` gives."""
        return await self._to_backend.get()

    async def answer(self, message: Message) -> None:
        """What ASGI's `send` takes."""
        match message["type"]:
            case "websocket.accept":
                self._later_below(self._open, None)
            case "websocket.http.response.start":
                self._later_below(self._open, LineClosed(f"no websocket: it answered {message['status']}"))
            case "websocket.close":
                self._arrive_below(LineClosed(message["reason"], message["code"]))
                self._to_backend.put_nowait({"type": "websocket.disconnect", "code": message["code"]})

    @property
    def transport(self) -> "Wire":
        """Where the backend writes."""
        return self

    def is_closing(self) -> bool:
        """Whether it is of no use to write."""
        return self.is_cut

    def write(self, data: bytes) -> None:
        """Write one frame."""
        text, weather, draw = _text(data), self.link.weather, self._chance.random
        if draw() < weather.cut:
            self.cut("cut under a frame")
            return
        kind = text[6 : text.index('"', 6)]
        if kind == "delta" and draw() < weather.lose:
            self.world.note("net", f"{self.name} loses {text[:40]}")
            return
        if kind == "delta" and draw() < weather.hollow:
            self.world.note("net", f"{self.name} hollows {text[:40]}")
            text = json.dumps(json.loads(text) | {"events": [], "counts": None}, separators=(",", ":"))
        for _ in range(2 if draw() < weather.twice else 1):
            self._under_way.append(len(data))
            self._arrive_below(text)

    def get_write_buffer_size(self) -> int:
        """Bytes the terminal has not taken yet."""
        return sum(self._under_way)

    def abort(self) -> None:
        """The backend drops the line."""
        self.cut("aborted")

    # --- between ------------------------------------------------------------------------------------------------

    def _arrive_below(self, frame: str | LineClosed) -> None:
        self._later_below(self._take_below, frame)

    def _later_below(self, call: Callable[..., None], what: object) -> None:
        self._down = max(self._down + 1e-6, self.world.now + self.pause())
        self.world.later(self._down - self.world.now, call, what)

    def _arrive_above(self, message: Message) -> None:
        self._up = max(self._up + 1e-6, self.world.now + self.pause())
        self.world.later(self._up - self.world.now, self._take_above, message)

    def _open(self, refused: LineClosed | None) -> None:
        if self.is_silent or self._opened.done():
            return
        if refused is None:
            self._opened.set_result(None)
        else:
            self._opened.set_exception(refused)

    def _take_below(self, frame: str | LineClosed) -> None:
        if self.is_silent:
            return
        if isinstance(frame, str):
            self._under_way.popleft()
            if self.is_cut:
                return
        self.world.note(self.link.name, f"hears {frame[:60] if isinstance(frame, str) else frame}")
        self._to_terminal.put_nowait(frame)
        if isinstance(frame, LineClosed):
            self.is_cut = True
            self._open(frame)

    def _take_above(self, message: Message) -> None:
        if not self.is_silent:
            self._to_backend.put_nowait(message)


def _text(data: bytes) -> str:
    """The text of one frame as a server writes it: not masked, and whole."""
    length, start = data[1], 2
    if length == 126:
        length, start = int.from_bytes(data[2:4], "big"), 4
    elif length == 127:
        length, start = int.from_bytes(data[2:10], "big"), 10
    assert len(data) == start + length
    return data[start:].decode()
