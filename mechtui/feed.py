"""The feed client: keeps a `Replica` at the backend's state for ever, and says what changed and how far to trust it.

    connecting ─► catching up ─► live ──cut──► stale ─first retry─► live
                                                  └─► polling (no websocket, but HTTP) ─► live
                                                  └─► offline (neither), tried again and again

It ends only when trying again is no use: signed out, or too old. `docs/protocol.md` has the rules of the frames.
"""

import asyncio
import random
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing, suppress

from pydantic import TypeAdapter, ValidationError

from mechtui.api_errors import ApiError, SignedOut, TooOld, Unreachable
from mechtui.feed_line import OPEN_SECONDS, Line, LineClosed, OpenLine, websocket
from mechtui.frames import DEAD_SECONDS, Ack, Bye, Heartbeat, Hello, Lag, Reading, ServerFrame, Snapshot, Welcome
from mechtui.replica import Fresh, LinkChanged, LinkState, Replica, ResyncNeeded, Update
from mechtui.text import SafeText

POLL_SECONDS = 5.0
"""How often a snapshot is fetched when no websocket is to be had; as often as a heartbeat would come."""
FIRST_POLL_SECONDS = 0.5
"""After how long, doubling up to that, at first: a backend that starts has one in a moment."""
FIRST_BACKOFF_SECONDS = 0.25
LONGEST_BACKOFF_SECONDS = 15.0
POLL_PATIENCE_SECONDS = 2.5
"""How long a poll may take. With the rest before it and one handshake it must stay below the 12 s of a dead line."""
STEADY_SECONDS = 30.0
"""A line that was live for this long was a good one: the next cut is the first again."""
CUTS_COUNTED = 2
"""Of lines that were live, however often they are cut: a backend was there, so one is back within a second."""
TICK_SECONDS = 1.0
"""How often is looked whether this machine slept."""
SLEPT_SECONDS = 3.0
"""A tick that took this much longer than it should: the machine was asleep, and so was the line."""

SLEPT = SafeText("this machine was asleep")

_STOPS = {4401: LinkState.SIGNED_OUT, 4403: LinkState.SIGNED_OUT, 4406: LinkState.TOO_OLD}
_FRAMES: TypeAdapter[ServerFrame] = TypeAdapter(ServerFrame)


def seconds_awake_and_asleep() -> float:
    """A clock that never goes back and, where the system has one, does not stop while the machine sleeps."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


class Feed:
    """The feed of the mechanic whose `token` it is, kept in `replica`; `poll` fetches a snapshot over HTTP.

    `heard` is given the text of each frame before what it says is told. `open_line`, `jitter` (of a lower and an
    upper end in seconds) and `clock` are for tests.
    """

    def __init__(
        self,
        server: str,
        token: str,
        replica: Replica,
        poll: Callable[[], Awaitable[Snapshot]],
        *,
        heard: Callable[[str | bytes], None] | None = None,
        open_line: OpenLine | None = None,
        jitter: Callable[[float, float], float] = random.uniform,
        clock: Callable[[], float] = seconds_awake_and_asleep,
    ) -> None:
        self.replica = replica
        self._open_line = open_line or websocket(server, token)
        self._poll = poll
        self._heard = heard
        self._jitter = jitter
        self._clock = clock
        self._wake = asyncio.Event()
        self._failures = 0
        self._welcome: Welcome | None = None
        self._bye: Bye | None = None
        self._live = False
        self._live_since: float | None = None
        self._polls = 0
        """How often in a row HTTP was asked instead of a websocket."""
        self._reading: str | None = None
        self._line: Line | None = None
        self._telling: asyncio.Future[None] | None = None

    def retry_now(self) -> None:
        """Cut the present pause between two tries short."""
        self._wake.set()

    def reading(self, session_id: str | None) -> None:
        """Tell the others which intake is open here; it is told again on every new line."""
        self._reading = session_id
        if self._line is not None:
            self._telling = asyncio.ensure_future(self._tell_reading(self._line))

    async def _tell_reading(self, line: Line) -> None:
        with suppress(LineClosed):
            await line.send(Reading(session=self._reading).model_dump_json())

    async def updates(self) -> AsyncGenerator[Update, None]:
        """What happens, for ever; ends after SIGNED OUT or TOO OLD. Close it (`aclosing`) to drop the line."""
        link = LinkChanged(LinkState.CONNECTING)
        yield link
        while link.state not in _STOPS.values():
            async with aclosing(self._one_round()) as updates:
                async for update in updates:
                    if update != link or link.retry_in is not None:
                        yield update
                    if isinstance(update, LinkChanged):
                        link = update

    async def _one_round(self) -> AsyncGenerator[Update, None]:
        """One line from its opening to its end, and what comes after it up to the next try."""
        try:
            async with aclosing(self._one_line()) as updates:
                async for update in updates:
                    yield update
        except ResyncNeeded as gap:
            self.replica.forget_position()
            yield LinkChanged(LinkState.CATCHING_UP, SafeText(str(gap)))
            await self._rest(self._next_pause(at_once=True))
        except LineClosed as end:
            async with aclosing(self._after(end)) as updates:
                async for update in updates:
                    yield update

    async def _one_line(self) -> AsyncGenerator[Update, None]:
        self._welcome = self._bye = self._live_since = None
        self._live = False
        began, patience = _now(), DEAD_SECONDS
        line = await self._open_line()
        if self._polls:  # a line that opens and says nothing must not keep it from polling again in time
            patience = OPEN_SECONDS - (_now() - began)
        try:
            await line.send(Hello(resume=self.replica.resume).model_dump_json())
            self._line = line
            if self._reading is not None:
                await self._tell_reading(line)
            while True:
                frame = await self._next_frame(line, patience)
                patience = DEAD_SECONDS
                updates = self._take(frame)
                if isinstance(frame, Heartbeat):
                    await line.send(Ack(seq=self.replica.seq).model_dump_json())
                for update in updates:
                    yield update
        finally:
            self._line = None
            await line.drop()

    async def _after(self, end: LineClosed) -> AsyncGenerator[Update, None]:
        """The state without a line. One that was live just now may be back at once; else HTTP is asked instead."""
        if end.code in _STOPS:
            yield LinkChanged(_STOPS[end.code], self._why(end))
        elif self._live_since is not None:
            self._failures = min(self._failures, CUTS_COUNTED)
            pause = self._next_pause()
            yield LinkChanged(LinkState.STALE, self._why(end), pause)
            await self._rest(pause)
        else:
            updates, pause = await self._polled(end)
            for update in updates:
                yield update
            if await self._rest(pause) and self._polls:
                yield LinkChanged(LinkState.STALE, SLEPT)

    async def _polled(self, end: LineClosed) -> tuple[list[Update], float]:
        """What HTTP tells when no websocket is to be had, and the seconds until the next try."""
        try:
            async with asyncio.timeout(POLL_PATIENCE_SECONDS):
                snapshot = await self._poll()
        except TimeoutError:
            return self._offline(SafeText(f"no answer for {POLL_PATIENCE_SECONDS:.1f} s"))
        except SignedOut as error:
            return [LinkChanged(LinkState.SIGNED_OUT, str(error))], 0.0
        except TooOld as error:
            return [LinkChanged(LinkState.TOO_OLD, str(error))], 0.0
        except ApiError as error:
            return self._offline(SafeText(error.why if isinstance(error, Unreachable) else str(error)))
        return self._take_polled(snapshot, self._why(end))

    def _offline(self, why: SafeText) -> tuple[list[Update], float]:
        self._polls = 0
        pause = self._next_pause()
        return [LinkChanged(LinkState.OFFLINE, why, pause)], pause

    def _take_polled(self, snapshot: Snapshot, why: SafeText) -> tuple[list[Update], float]:
        """A backend that starts lets HTTP through at the same moment as a websocket, which misses no event: that is
        tried once more before polling takes its place.
        """
        before, self._polls = self._polls, self._polls + 1
        if before == 0 and self.replica.resume is not None:
            return [], 0.0
        pause = _doubled(FIRST_POLL_SECONDS, POLL_SECONDS, before - 1) if before else 0.0
        return [*self.replica.adopt(snapshot), LinkChanged(LinkState.POLLING, why)], pause

    async def _next_frame(self, line: Line, patience: float) -> ServerFrame:
        """The next frame this version knows.

        Raises `LineClosed` after `patience` seconds without any, or when the machine slept.
        """
        deadline = _now() + patience
        while (left := deadline - _now()) > 0:
            looked_at = self._clock()
            raw = None
            with suppress(TimeoutError):
                async with asyncio.timeout(min(TICK_SECONDS, left)):
                    raw = await line.recv()
            if self._slept_since(looked_at):
                raise LineClosed(SLEPT)
            if raw is not None:
                deadline = _now() + DEAD_SECONDS
                frame = _decoded(raw)
                if frame is not None:
                    if self._heard is not None:
                        self._heard(raw)
                    return frame
        raise LineClosed(f"nothing heard for {patience:.0f} s")

    def _take(self, frame: ServerFrame) -> list[Update]:
        match frame:
            case Bye():
                self._bye = frame
            case Welcome():
                self._welcome = frame
            case Lag():
                self._live = False
        return [*self.replica.apply(frame), *self._caught_up()]

    def _caught_up(self) -> list[Update]:
        """Say LIVE as soon as the rows held are those of the welcome, or of a snapshot after it."""
        reached = self._welcome is None or self.replica.seq >= self._welcome.seq
        if self._live or self.replica.resume is None or not reached:
            return []
        welcome, self._welcome, self._live, self._polls = self._welcome, None, True, 0
        self._live_since = _now() if self._live_since is None else self._live_since
        proof = [] if welcome is None else [Fresh(welcome.now, self.replica.seq)]
        return [LinkChanged(LinkState.LIVE), *proof]

    def _next_pause(self, *, at_once: bool = False) -> float:
        """Seconds until the next try: full jitter, doubling; after a good line `at_once` means no pause at all."""
        if self._live_since is not None and _now() - self._live_since >= STEADY_SECONDS:
            self._failures = 0
        longest = _doubled(FIRST_BACKOFF_SECONDS, LONGEST_BACKOFF_SECONDS, self._failures)
        pause = 0.0 if at_once and self._failures == 0 else self._jitter(0.0, longest)
        self._failures += 1
        return pause + (self._bye.retry_in if self._bye is not None else 0.0)

    async def _rest(self, seconds: float) -> bool:
        """Pause before the next try, unless told to go on, or the machine sleeps meanwhile: whether it did."""
        self._wake.clear()
        until = _now() + seconds
        slept = False
        while (left := until - _now()) > 0 and not self._wake.is_set() and not slept:
            looked_at = self._clock()
            with suppress(TimeoutError):
                async with asyncio.timeout(min(TICK_SECONDS, left)):
                    await self._wake.wait()
            slept = self._slept_since(looked_at)
        return slept

    def _slept_since(self, looked_at: float) -> bool:
        """Whether more time has passed since then than a tick can take: the machine was asleep."""
        return self._clock() - looked_at > TICK_SECONDS + SLEPT_SECONDS

    def _why(self, end: LineClosed) -> SafeText:
        return SafeText(self._bye.why if self._bye is not None and self._bye.why else str(end))


def _now() -> float:
    return asyncio.get_running_loop().time()


def _doubled(first: float, longest: float, times: int) -> float:
    """Seconds of a pause that doubles each time, up to the longest."""
    return min(longest, first * 2.0 ** min(times, 10))


def _decoded(raw: str | bytes) -> ServerFrame | None:
    """The frame; nothing for a kind this version does not know. Raises `LineClosed` for one that cannot be read."""
    try:
        return _FRAMES.validate_json(raw)
    except ValidationError as error:
        if error.errors()[0]["type"] == "union_tag_invalid":
            return None
        raise LineClosed("a frame came that this terminal does not understand") from error
