"""Accepts that begin together give what they would have given one after the other, in the order of the queue."""

import asyncio
import random
from dataclasses import dataclass, field
from functools import partial

import pytest

from mechtui.models import Code
from mechtui.server import accounts
from mechtui.server.db import triage
from mechtui.server.db.accepts import Accept
from mechtui.server.db.errors import ConstraintViolatedError
from mechtui.server.db.rows import SessionRow
from mechtui.server.db.sessions import Mechanic
from mechtui.server.db.tx import Tx
from mechtui.server.refusal import Refusal
from tests.server.support import ShopFloor, hire


@dataclass
class Crowd:
    """Mechanics of every kind and some requests, and by plain words what each is to be told."""

    floor: ShopFloor
    crew: list[Mechanic] = field(default_factory=list)
    requests: list[SessionRow] = field(default_factory=list)
    passed: set[tuple[str, str]] = field(default_factory=set)
    revoked: set[str] = field(default_factory=set)
    holder: dict[str, str] = field(default_factory=dict)

    async def gather(self, chance: random.Random) -> None:
        floor = self.floor
        self.crew = [floor.ann, floor.bob, *(hire(floor.database, f"M{n}") for n in range(6))]
        self.crew += [hire(floor.database, "Chats", "chat"), hire(floor.database, "Gone")]
        accounts.revoke_mechanic(floor.database, self.crew[-1].id)
        self.revoked = {self.crew[-1].id}
        self.requests = [await floor.submit(type=chance.choice(("chat", "video"))) for _ in range(12)]
        for me in self.crew[:4]:
            passed = chance.choice(self.requests)
            await floor.store.run(partial(triage.pass_on, me=me, session_id=passed.id, reason=""))
            self.passed.add((me.id, passed.id))

    def told(self, me: Mechanic, request: SessionRow) -> str:
        """What he is told whose turn it is now."""
        if request.id in self.holder:
            return "his" if self.holder[request.id] == me.id else Code.ALREADY_TAKEN
        if me.id in self.revoked:
            return Code.SIGNED_OUT
        if request.type not in me.types:
            return Code.NOT_ELIGIBLE
        if (me.id, request.id) in self.passed:
            return Code.PASSED_ON
        if me.id in self.holder.values():
            return Code.MECHANIC_HAS_ACTIVE_SESSION
        self.holder[request.id] = me.id
        return "his"


async def said(floor: ShopFloor, me: Mechanic, request: SessionRow) -> str:
    try:
        row = await floor.accept(me, request.id)
    except Refusal as refusal:
        return refusal.code
    assert (row.id, row.status, row.mechanic_id, row.mechanic_name) == (request.id, "waiting", me.id, me.name)
    return "his"


@pytest.mark.parametrize("seed", range(6))
async def test_together_is_as_one_after_the_other(floor: ShopFloor, seed: int) -> None:
    chance = random.Random(seed)
    crowd = Crowd(floor)
    await crowd.gather(chance)
    wishes = [(chance.choice(crowd.crew), chance.choice(crowd.requests)) for _ in range(60)]
    answers = await asyncio.gather(*(said(floor, *wish) for wish in wishes))
    assert list(answers) == [crowd.told(*wish) for wish in wishes]
    accepted = [(event.row.id, event.mechanic_id) for event in await floor.events() if event.kind == "accepted"]
    assert accepted == list(crowd.holder.items())


async def test_those_that_wait_are_one_update(floor: ShopFloor, monkeypatch: pytest.MonkeyPatch) -> None:
    together: list[int] = []
    begin = Accept.begin

    def counted(tx: Tx, jobs: list[Accept]) -> object:
        together.append(len(jobs))
        return begin(tx, jobs)

    crew = [hire(floor.database, f"M{n}") for n in range(20)]
    requests = [await floor.submit() for _ in crew]
    monkeypatch.setattr(Accept, "begin", staticmethod(counted))
    await asyncio.gather(*(floor.accept(*wish) for wish in zip(crew, (r.id for r in requests), strict=True)))
    assert sum(together) == 20
    assert max(together) > 10


async def test_what_stands_between_them_is_done_between_them(floor: ShopFloor) -> None:
    """An accept does not overtake the pass that was before it in the queue."""
    request, other = await floor.submit(), await floor.submit()
    first, _, late = await asyncio.gather(
        said(floor, floor.ann, other),
        floor.store.run(lambda tx: triage.pass_on(tx, floor.bob, request.id, "")),
        said(floor, floor.bob, request),
    )
    assert (first, late) == ("his", Code.PASSED_ON)


@pytest.mark.parametrize("fault", [ConstraintViolatedError, LookupError])
async def test_a_group_that_fails_is_run_again_each_by_itself(
    floor: ShopFloor, monkeypatch: pytest.MonkeyPatch, fault: type[Exception]
) -> None:
    """Whatever the fault in doing it together, nobody is refused for it."""
    crew = [hire(floor.database, f"M{n}") for n in range(5)]
    requests = [await floor.submit() for _ in crew]
    begin = Accept.begin

    def planted(tx: Tx, jobs: list[Accept]) -> object:
        won = begin(tx, jobs)
        if len(jobs) > 1:
            raise fault
        return won

    monkeypatch.setattr(Accept, "begin", staticmethod(planted))
    wishes = list(zip(crew, requests, strict=True))
    assert await asyncio.gather(*(said(floor, *wish) for wish in wishes)) == ["his"] * 5
    assert [event.kind for event in await floor.events()].count("accepted") == 5


async def test_all_who_want_the_same_are_told_who_was_first(floor: ShopFloor) -> None:
    crew = [hire(floor.database, f"M{n}") for n in range(8)]
    request = await floor.submit()
    answers = await asyncio.gather(*(said(floor, me, request) for me in crew))
    assert answers == ["his", *[Code.ALREADY_TAKEN] * 7]


@pytest.mark.parametrize("session_id", ["", "\0", "\ufdd0", "a\0b", '{"', "\\u0000", "é" * 64])
async def test_a_request_by_any_other_name_is_not_there(floor: ShopFloor, session_id: str) -> None:
    with pytest.raises(Refusal) as refused:
        await floor.accept(floor.ann, session_id)
    assert refused.value.code == Code.NOT_FOUND


@pytest.mark.parametrize("more", ["\0", "\0junk", " ", '"'])
async def test_nor_is_it_by_one_that_begins_as_its_own(floor: ShopFloor, more: str) -> None:
    request = await floor.submit()
    with pytest.raises(Refusal) as refused:
        await floor.accept(floor.ann, request.id + more)
    assert refused.value.code == Code.NOT_FOUND
    assert (await floor.accept(floor.ann, request.id)).mechanic_id == floor.ann.id
