"""Where an action is not possible: the states a mechanic can be in, and for each action one in which it is refused."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from textual.pilot import Pilot

from mechtui.key_names import Scope
from mechtui.models import Session
from mechtui.replica import LinkChanged, LinkState

from .by_key import open_intake
from .support import CAMRY, FORD, KIA, MINE, OPEN, Shop, event, request, taken, taken_by_sam

Steps = Callable[[Shop, Pilot[int]], Awaitable[object]]

WAITING = taken(request("s-wait", "L. Chen", "2016 VW Jetta", "no reverse when cold"))


@dataclass(frozen=True)
class State:
    """The rows at first, and what is done to come there."""

    rows: tuple[Session, ...]
    steps: Steps


async def _none(_: Shop, pilot: Pilot[int]) -> None:
    await pilot.pause()


async def _offline(shop: Shop, pilot: Pilot[int]) -> None:
    shop.feed.say(LinkChanged(LinkState.OFFLINE, "connection refused", 76))
    await shop.ready(pilot)


async def _lost(shop: Shop, pilot: Pilot[int]) -> None:
    shop.feed.say(taken_by_sam(CAMRY))
    await shop.ready(pilot)


async def _cancelled(shop: Shop, pilot: Pilot[int]) -> None:
    shop.feed.say(event("cancelled", CAMRY.model_copy(update={"status": "cancelled", "version": 2}), gone=True))
    await shop.ready(pilot)


def _tab(*keys: str) -> Steps:
    async def steps(shop: Shop, pilot: Pilot[int]) -> None:
        await pilot.press(*keys)
        await shop.ready(pilot)

    return steps


def _intake(*keys: str) -> Steps:
    async def steps(shop: Shop, pilot: Pilot[int]) -> None:
        await _tab(*keys)(shop, pilot)
        await open_intake(shop, pilot)

    return steps


STATES = {
    "nothing waits": State((), _none),
    "a request": State((KIA, FORD), _none),
    "lost": State(OPEN, _lost),
    "cancelled": State(OPEN, _cancelled),
    "offline": State(OPEN, _offline),
    "waiting": State((WAITING,), _none),
    "live": State((MINE,), _none),
    "no session": State(OPEN, _tab("2")),
    "completed": State(OPEN, _tab("3")),
    "history": State(OPEN, _tab("4", "end")),
    "intake": State((KIA,), _intake()),
    "intake live": State((MINE,), _intake()),
    "intake completed": State(OPEN, _intake("3")),
}

REFUSED: dict[tuple[str, Scope], str] = {
    ("accept", Scope.LIST): "live",
    ("open", Scope.LIST): "a request",
    ("intake", Scope.LIST): "nothing waits",
    ("release", Scope.LIST): "live",
    ("end", Scope.LIST): "a request",
    ("summary", Scope.LIST): "completed",
    ("pass", Scope.LIST): "live",
    ("snooze", Scope.LIST): "lost",
    ("undo", Scope.LIST): "a request",
    ("watch", Scope.LIST): "a request",
    ("extend", Scope.LIST): "waiting",
    ("availability", Scope.LIST): "offline",
    ("handover", Scope.LIST): "a request",
    ("handover", Scope.INTAKE): "intake",
    ("report", Scope.LIST): "a request",
    ("copy", Scope.LIST): "a request",
    ("save_filter", Scope.LIST): "a request",
    ("day", Scope.LIST): "a request",
    ("earlier", Scope.LIST): "nothing waits",
    ("files", Scope.LIST): "a request",
    ("accept", Scope.INTAKE): "intake live",
    ("open", Scope.INTAKE): "intake",
    ("release", Scope.INTAKE): "intake",
    ("end", Scope.INTAKE): "intake completed",
    ("summary", Scope.INTAKE): "intake completed",
    ("pass", Scope.INTAKE): "intake live",
    ("snooze", Scope.INTAKE): "intake live",
    ("undo", Scope.INTAKE): "intake",
    ("extend", Scope.INTAKE): "intake",
    ("report", Scope.INTAKE): "intake",
    ("copy", Scope.INTAKE): "intake",
    ("files", Scope.INTAKE): "intake",
}
"""For each action that may be refused, a state in which it is."""

ALWAYS_POSSIBLE = {("earlier", Scope.INTAKE)}
"""Refused only where there is no row, and an intake is of one."""
