"""The main job once, from submit to History, against the real backend, with the real dashboard in Dana's hands.

Each step says what it waits for and is told as it is: the race has one winner, but which one is not decided here.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from random import Random

import httpx

from mechtui.api_client import AlreadyTaken, ApiError, DeskClient, MechanicClient
from mechtui.config import ClientSettings
from mechtui.models import Session, SessionType, Status, session_url
from mechtui.server.demo.backend import COMPLETED_SECONDS
from mechtui.server.demo.shop import SAM
from mechtui.server.demo.shopfront import OpenShop
from mechtui.server.demo.stage import SIZE, NotSeenError, Stage, dashboard
from mechtui.server.demo.visits import Visit, visits

_STORY_SEED = 11


class StoryError(Exception):
    """A step did not hold; the message says which fact was another than it should be."""


def run_story(shop: OpenShop, settings: ClientSettings) -> int:
    """Play the story in an open shop and print it. Returns 0 when every step held, else 1."""
    return asyncio.run(_play(shop, settings))


async def _play(shop: OpenShop, settings: ClientSettings) -> int:
    async with (
        DeskClient(shop.server, shop.desk) as desk,
        MechanicClient(shop.server, shop.sam) as sam,
        dashboard(settings) as stage,
    ):
        story = Story(stage, desk, sam)
        try:
            await story.play()
        except (NotSeenError, StoryError, ApiError) as error:
            story.give_up(error)
            return 1
    print(f"All {story.steps} steps held.")
    return 0


class Story:
    """The steps. `request` is the session that the story is about at the moment."""

    def __init__(self, stage: Stage, desk: DeskClient, sam: MechanicClient) -> None:
        self._stage = stage
        self._desk = desk
        self._sam = sam
        self._people = visits(Random(_STORY_SEED))
        self._title = ""
        self._request: Session
        self._visit: Visit
        self.steps = 0

    async def play(self) -> None:
        """All of it, in order. Raises at the first step that does not hold."""
        await self._step("a customer submits a request for a video session", self._submit)
        await self._step("it is among Dana's incoming requests by itself", self._incoming)
        await self._step("Enter: the intake, with every word the customer wrote", self._read_intake)
        sam_won = await self._race()
        if sam_won:
            await self._step("Dana is told who was faster", self._told)
            await self._step("Sam's customer is gone; another comes, and Dana is first", self._second_chance)
        else:
            await self._step("Dana has won, and Sam was told so", self._won)
        await self._step("the hand-off names the page of this session, and the page is there", self._hand_off)
        await self._step("under Active: hers, and not joined yet", self._active)
        await self._step("o: Dana opens the page, the customer is awaited", self._dana_joins)
        await self._step("the customer joins: live", self._customer_joins)
        await self._step("e: Dana ends it", self._end)
        await self._step("it is under Completed", self._completed)
        await self._step("the customer rates it", self._rate)
        await self._step("History has it, with all that happened", self._history)
        if not sam_won:
            await self._step("another request: Sam is faster this time, and Dana is told", self._beaten)

    def give_up(self, error: Exception) -> None:
        """Say which step did not hold, why, and what was on the screen."""
        print(f"NOT OK {self.steps:2}  {self._title}: {error}")
        self._show_screen()

    # --- how it is told ---------------------------------------------------------------------------------------

    async def _step(self, title: str, act: Callable[[], Awaitable[None]]) -> None:
        async with self._told_as(title):
            await act()

    @asynccontextmanager
    async def _told_as(self, title: str) -> AsyncIterator[None]:
        self.steps += 1
        self._title = title
        yield
        print(f"ok {self.steps:2}  {title}")
        self._show_screen()

    def _show_screen(self) -> None:
        width, _ = SIZE
        print(f"┌{'─' * width}┐")
        for line in self._stage.lines():
            print(f"│{line:{width}}│")
        print(f"└{'─' * width}┘\n", flush=True)

    # --- the steps --------------------------------------------------------------------------------------------

    async def _submit(self) -> None:
        self._visit = next(visit for visit in self._people if visit.problem.type == SessionType.VIDEO)
        self._request = (await self._desk.submit(self._visit.request())).session

    async def _incoming(self) -> None:
        await self._stage.sees("LIVE", "Incoming Requests 1")
        await self._stage.has_cursor_on(self._vehicle)

    async def _read_intake(self) -> None:
        await self._stage.press("enter")
        first_words = " ".join(self._visit.concern.split()[:4])
        await self._stage.sees("CONCERN", first_words, "VEHICLE")
        await self._stage.press("pagedown")
        await self._stage.sees("hidden until you accept")

    async def _race(self) -> bool:
        """Two mechanics go for one request in the same instant. Exactly one has it; returns whether that is Sam."""
        async with self._told_as("Esc closes it, and two mechanics press accept at once"):
            await self._stage.press("escape")
            await self._stage.no_longer_sees("hidden until you accept")
            sams, _ = await asyncio.gather(self._sam_accepts(), self._stage.press("a"))
            holder = (await self._now()).mechanic
            expected = SAM if sams is None else sams
            if holder is None or holder.name != expected:
                raise StoryError(f"Sam was told that {expected} has it, the backend says {holder}")
        return sams is None

    async def _sam_accepts(self) -> str | None:
        """Sam tries; nothing if he won, else who did."""
        try:
            await self._sam.accept(self._request.id)
        except AlreadyTaken as error:
            return error.by.name if error.by else "nobody"
        return None

    async def _told(self) -> None:
        await self._stage.sees(f"by {SAM}")

    async def _won(self) -> None:
        await self._stage.sees("Accepted: it is yours")

    async def _second_chance(self) -> None:
        await self._sam.end(self._request.id, "customer does not answer")
        await self._submit()
        await self._stage.has_cursor_on(self._vehicle)
        await self._stage.press("a")
        await self._won()

    async def _hand_off(self) -> None:
        session = await self._now()
        page = session_url(self._desk.server, session.type, session.id)
        await self._stage.sees(page)
        async with httpx.AsyncClient(trust_env=False) as browser:
            answer = await browser.get(page)
        if answer.status_code != httpx.codes.OK or session.id not in answer.text:
            raise StoryError(f"{page} answers {answer.status_code} and does not say which session this is")

    async def _active(self) -> None:
        await self._stage.press("enter")
        await self._stage.sees("Active 1", "WAITING, join now", self._visit.customer.name)

    async def _dana_joins(self) -> None:
        await self._stage.press("o")
        await self._stage.sees("WAITING for customer")
        await self._stage.press("enter")
        await self._stage.no_longer_sees("The session's page")

    async def _customer_joins(self) -> None:
        await self._desk.join(self._request.id)
        await self._stage.has_cursor_on("LIVE")

    async def _end(self) -> None:
        await self._stage.sees_clock_past(COMPLETED_SECONDS)
        await self._stage.press("e")
        await self._stage.sees("End the session?")
        await self._stage.press("enter")
        await self._stage.sees("Active 0", "Summary:")
        await self._stage.press("escape")
        status = (await self._now()).status
        if status != Status.COMPLETED:
            raise StoryError(f"the session is {status}, not completed")

    async def _completed(self) -> None:
        await self._stage.press("3")
        await self._stage.sees("Completed 41", self._visit.customer.name)

    async def _rate(self) -> None:
        problem = self._visit.problem
        await self._desk.rate(self._request.id, problem.rating, problem.comment)
        await self._stage.sees(f"{problem.rating}/5", self._visit.customer.name)

    async def _history(self) -> None:
        await self._stage.press("4")
        await self._stage.sees("completed", self._visit.customer.name)
        await self._stage.press("enter", "end")
        await self._stage.sees("accepted", "joined", "completed", "rated")

    async def _beaten(self) -> None:
        await self._stage.press("escape", "1")
        await self._submit()
        await self._stage.has_cursor_on(self._vehicle)
        await self._sam.accept(self._request.id)
        await self._told()

    async def _now(self) -> Session:
        return (await self._desk.session(self._request.id)).session

    @property
    def _vehicle(self) -> str:
        car = self._visit.car
        return f"{car.year % 100:02} {car.make}"
