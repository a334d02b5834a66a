"""The people of the demo act on the real backend as their manners say."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from random import Random

import pytest

import mechtui.server.demo.live
from mechtui.api_client import MechanicClient, RequestGone
from mechtui.models import Kind, Session, Status
from mechtui.server.demo.arrivals import HASTY_WAIT, Arrival, Manner, Rivalry, arrivals
from mechtui.server.demo.live import MOST_WAITING, CustomerInSession, Rival, Street
from mechtui.server.demo.visits import visits
from tests.demo.conftest import SmallShop

PATIENT = Manner(joins_after=5, rates_after=3, rating=4, comment="fine")
SOON = 120.0
"""Only there to end a test that hangs."""


async def submitted(shop: SmallShop) -> Session:
    visit = next(v for v in visits(Random(1)) if not v.problem.photos)
    return (await shop.desk.submit(visit.request())).session


async def until(mechanic: MechanicClient, session_id: str, status: Status) -> None:
    """Wait until the session stands so, for its mechanic."""
    found = None
    async with asyncio.timeout(SOON):
        while found != status:
            found = (await mechanic.session(session_id)).session.status


def test_the_same_seed_brings_the_same_people() -> None:
    first, again, other = (list(islice(arrivals(seed), 60)) for seed in (1, 1, 2))
    assert first == again != other


def test_people_come_about_every_quarter_of_a_minute_and_some_are_taken_or_lost() -> None:
    many = list(islice(arrivals(1), 400))
    assert 12 < sum(arrival.gap for arrival in many) / len(many) < 25
    assert 0.15 < sum(arrival.rivalry is not None for arrival in many) / len(many) < 0.35
    assert 0.05 < sum((arrival.manner.patience or 0) <= HASTY_WAIT[1] for arrival in many) / len(many) < 0.25


async def test_a_customer_joins_after_the_accept_and_rates_after_the_end(small_shop: SmallShop) -> None:
    request = await submitted(small_shop)
    customer = CustomerInSession(small_shop.desk, small_shop.pace, request.id, PATIENT)
    async with asyncio.timeout(SOON), asyncio.TaskGroup() as tasks:
        tasks.create_task(customer.live_through())
        await small_shop.dana.accept(request.id)
        await small_shop.dana.join(request.id)
        await until(small_shop.dana, request.id, Status.LIVE)
        await small_shop.dana.end(request.id)
    review = (await small_shop.dana.session(request.id)).review
    assert review is not None
    assert (review.rating, review.comment) == (4, "fine")


async def test_a_customer_joins_again_when_the_request_was_given_back(small_shop: SmallShop) -> None:
    request = await submitted(small_shop)
    customer = CustomerInSession(small_shop.desk, small_shop.pace, request.id, Manner(joins_after=5))
    async with asyncio.timeout(SOON), asyncio.TaskGroup() as tasks:
        tasks.create_task(customer.live_through())
        await small_shop.dana.accept(request.id)
        await small_shop.dana.release(request.id, "called away")
        await small_shop.sam.accept(request.id)
        await small_shop.sam.join(request.id)
        await until(small_shop.sam, request.id, Status.LIVE)
        await small_shop.sam.end(request.id)


async def test_an_impatient_customer_cancels(small_shop: SmallShop) -> None:
    request = await submitted(small_shop)
    manner = Manner(joins_after=1, patience=30)
    async with asyncio.timeout(SOON):
        await CustomerInSession(small_shop.desk, small_shop.pace, request.id, manner).live_through()
    detail = await small_shop.desk.session(request.id)
    assert [event.kind for event in detail.events] == [Kind.CREATED, Kind.CANCELLED]


async def test_one_who_never_joins_cancels_after_the_accept(small_shop: SmallShop) -> None:
    request = await submitted(small_shop)
    await small_shop.dana.accept(request.id)
    manner = Manner(joins_after=None, patience=12)
    async with asyncio.timeout(SOON):
        await CustomerInSession(small_shop.desk, small_shop.pace, request.id, manner).live_through()
    session = (await small_shop.dana.session(request.id)).session
    assert (session.status, session.ended_by) == (Status.CANCELLED, "customer")


async def test_the_rival_wins_what_nobody_took(small_shop: SmallShop) -> None:
    request = await submitted(small_shop)
    async with asyncio.timeout(SOON), asyncio.TaskGroup() as tasks:
        tasks.create_task(CustomerInSession(small_shop.desk, small_shop.pace, request.id, PATIENT).live_through())
        tasks.create_task(Rival(small_shop.sam, small_shop.pace).go_for(request.id, Rivalry(after=5, works=200)))
    assert (await small_shop.sam.session(request.id)).session.status == Status.COMPLETED
    with pytest.raises(RequestGone):
        await small_shop.dana.accept(request.id)


async def test_the_rival_leaves_what_somebody_else_has(small_shop: SmallShop) -> None:
    request = await submitted(small_shop)
    await small_shop.dana.accept(request.id)
    await Rival(small_shop.sam, small_shop.pace).go_for(request.id, Rivalry(after=1, works=1))
    held = (await small_shop.dana.session(request.id)).session
    assert held.status == Status.WAITING
    assert held.mechanic is not None
    assert held.mechanic.name == "Dana"


def who_stay(seed: int) -> Iterator[Arrival]:
    """People who come at once and wait until somebody takes them, however busy this machine is."""
    return (replace(arrival, gap=0, manner=Manner(joins_after=1), rivalry=None) for arrival in arrivals(seed))


async def test_the_shop_is_never_too_full(small_shop: SmallShop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mechtui.server.demo.live, "arrivals", who_stay)
    street = Street(small_shop.desk, Rival(small_shop.sam, small_shop.pace), small_shop.pace)
    most = 0
    opening = asyncio.create_task(street.open(active=(), waiting=(), seed=1))
    async with asyncio.timeout(SOON):
        while (await small_shop.dana.history()).total < 3:
            await small_shop.pace.glance()  # time for one too many to come in
            page = await small_shop.dana.incoming()
            most = max(most, page.total)
            if page.total >= MOST_WAITING:
                await small_shop.dana.accept(page.items[0].id)
                await small_shop.dana.end(page.items[0].id)
    opening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await opening
    assert most == MOST_WAITING
