"""The people of the demo's shop: customers who come, join, give up and rate, and the rival. All over real HTTP.

Run by the keeper as `python -m mechtui.server.demo.live`.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from random import Random
from typing import Any

from mechtui.api_client import DeskClient, MechanicClient, OutcomeUnknown, Refused, Unreachable
from mechtui.models import ACTIVE, Session, Status
from mechtui.server.demo.arrivals import Arrival, Manner, Rivalry, arrivals
from mechtui.server.demo.lifeline import Lifeline

MOST_WAITING = 12
"""When so many wait, nobody new comes in."""
FIRST_ENDS_AFTER = 8.0
"""The session that Dana has in hand at first ends by itself: whoever tries the demo can soon accept another."""
FIRST_RIVALRY = Rivalry(after=14.0, works=30.0)
"""The rival takes the oldest request early on: everybody gets to see that."""
_LOOK_SECONDS = 1.0
_SHORTEST_LOOK_SECONDS = 0.1
_RIVAL_JOINS_AFTER = 3.0
_GONE = (Unreachable, OutcomeUnknown)


class Pace:
    """How fast demo time passes."""

    def __init__(self, speed: float) -> None:
        self._speed = speed

    async def rest(self, seconds: float) -> None:
        """Let so much demo time pass."""
        await asyncio.sleep(seconds / self._speed)

    async def glance(self) -> None:
        """The time between two looks at how a session stands."""
        await asyncio.sleep(max(_LOOK_SECONDS / self._speed, _SHORTEST_LOOK_SECONDS))

    def now(self) -> float:
        """Demo time, in seconds since whenever."""
        return asyncio.get_running_loop().time() * self._speed


class CustomerInSession:
    """One customer from the request's being in to the rating. The desk acts for him."""

    def __init__(self, desk: DeskClient, pace: Pace, session_id: str, manner: Manner) -> None:
        self._desk = desk
        self._pace = pace
        self._id = session_id
        self._manner = manner
        self._since = pace.now()
        self._status = ""

    async def live_through(self) -> None:
        """Follow the session and act on it until there is nothing left to do."""
        while await self._look_and_act():
            await self._pace.glance()

    async def _look_and_act(self) -> bool:
        try:
            session = (await self._desk.session(self._id)).session
            if session.status != self._status:
                self._status, self._since = session.status, self._pace.now()
            return await self._act(session, self._pace.now() - self._since)
        except (Refused, *_GONE):
            return True  # Somebody was faster, or the backend is away: the next look tells.

    async def _act(self, session: Session, spent: float) -> bool:
        """What he does after `spent` seconds in this status; whether there is more to come."""
        manner = self._manner
        match session.status:
            case Status.PENDING if _over(manner.patience, spent):
                await self._desk.cancel(self._id, "it took too long")
            case Status.WAITING if manner.joins_after is None and _over(manner.patience, spent):
                await self._desk.cancel(self._id, "it runs again, sorry!")
            case Status.WAITING if session.customer_joined_at is None and _over(manner.joins_after, spent):
                await self._desk.join(self._id)
            case Status.COMPLETED if _over(manner.rates_after, spent):
                await self._desk.rate(self._id, manner.rating, manner.comment)
                return False
        return session.status in ACTIVE | {Status.PENDING} or self._will_rate(session)

    def _will_rate(self, session: Session) -> bool:
        return session.status == Status.COMPLETED and self._manner.rates_after is not None and session.rating is None


def _over(limit: float | None, spent: float) -> bool:
    return limit is not None and spent >= limit


class Rival:
    """The other mechanic: one session at a time, and not always the faster one."""

    def __init__(self, client: MechanicClient, pace: Pace) -> None:
        self._client = client
        self._pace = pace
        self._busy = asyncio.Lock()

    async def go_for(self, session_id: str, rivalry: Rivalry) -> None:
        """Try to take a request, unless he has his hands full, and see it through."""
        await self._pace.rest(rivalry.after)
        if self._busy.locked():
            return
        async with self._busy:
            try:
                await self._client.accept(session_id)
            except (Refused, *_GONE):
                return  # Lost, or cannot tell; he shrugs.
            await self._pace.rest(_RIVAL_JOINS_AFTER)
            await self._insist(self._client.join, session_id)
            await self._pace.rest(rivalry.works)
            await self._insist(self._client.end, session_id)

    async def finish_what_is_open(self) -> None:
        """End what is left of an earlier demo in the same folder."""
        for session in (await self._client.active()).items:
            await self._insist(self._client.end, session.id)

    async def _insist(self, wish: Callable[[str], Awaitable[object]], session_id: str) -> None:
        """Carry out a wish, waiting for a backend that is away. A customer who went meanwhile is no trouble."""
        while True:
            try:
                await wish(session_id)
            except Refused:
                return
            except _GONE:
                await self._pace.glance()
            else:
                return


class Street:
    """Lets customers come in, and knows how many of them are in the shop."""

    def __init__(self, desk: DeskClient, rival: Rival, pace: Pace) -> None:
        self._desk = desk
        self._rival = rival
        self._pace = pace
        self._tasks = asyncio.TaskGroup()
        self._inside: set[asyncio.Task[None]] = set()

    async def open(self, active: Iterable[str], waiting: Iterable[str], seed: int) -> None:
        """Attend to those who are there already, then let one after the other in; for ever."""
        rng = Random(seed)
        async with self._tasks:
            for session_id in active:
                self._attend(session_id, Manner(joins_after=None, patience=FIRST_ENDS_AFTER))
            for number, session_id in enumerate(waiting):
                self._attend(session_id, Manner(joins_after=rng.uniform(4, 12), rates_after=rng.uniform(4, 15)))
                if number == 0:
                    self._tasks.create_task(self._rival.go_for(session_id, FIRST_RIVALRY))
            for arrival in arrivals(seed):
                await self._pace.rest(arrival.gap)
                await self._let_in(arrival)

    async def _let_in(self, arrival: Arrival) -> None:
        while len(self._inside) >= MOST_WAITING:
            await self._pace.glance()
        request = await asyncio.to_thread(arrival.visit.request)
        try:
            submitted = await self._desk.submit(request)
        except (Refused, *_GONE):
            return  # He has a session open still, or the backend is away: he comes another day.
        session_id = submitted.session.id
        self._attend(session_id, arrival.manner)
        if arrival.rivalry is not None:
            self._tasks.create_task(self._rival.go_for(session_id, arrival.rivalry))

    def _attend(self, session_id: str, manner: Manner) -> None:
        customer = CustomerInSession(self._desk, self._pace, session_id, manner)
        task = self._tasks.create_task(customer.live_through())
        self._inside.add(task)
        task.add_done_callback(self._inside.discard)


async def people(wishes: dict[str, Any]) -> None:
    """Play the people of the shop at `wishes["server"]`; for ever."""
    pace = Pace(wishes["speed"])
    async with (
        DeskClient(wishes["server"], wishes["desk"]) as desk,
        MechanicClient(wishes["server"], wishes["sam"]) as sam,
    ):
        rival = Rival(sam, pace)
        await rival.finish_what_is_open()
        await Street(desk, rival, pace).open(wishes["active"], wishes["open"], wishes["seed"])


async def main() -> None:
    """Play until the keeper says that it is over."""
    lifeline = await Lifeline.grasp()
    playing = asyncio.create_task(people(lifeline.order))
    ending = asyncio.create_task(lifeline.over.wait())
    await asyncio.wait({playing, ending}, return_when=asyncio.FIRST_COMPLETED)
    for task in (playing, ending):
        task.cancel()
    await asyncio.gather(playing, ending, return_exceptions=lifeline.over.is_set())


if __name__ == "__main__":
    asyncio.run(main())
