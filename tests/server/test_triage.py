"""Passing on a request, taking that back, and adding time."""

import pytest

from mechtui.models import Code, Kind
from mechtui.server.db import lists, sessions, triage
from mechtui.server.db.rows import SessionRow
from mechtui.server.db.sessions import Mechanic
from mechtui.server.refusal import Refusal
from tests.server.support import SHOP, ShopFloor


async def pass_on(floor: ShopFloor, me: Mechanic, row: SessionRow) -> SessionRow:
    return await floor.store.run(lambda tx: triage.pass_on(tx, me, row.id, "no time"))


async def undo(floor: ShopFloor, me: Mechanic, row: SessionRow) -> SessionRow:
    return await floor.store.run(lambda tx: triage.undo_pass(tx, me, row.id))


def listed(floor: ShopFloor, listing: lists.Listing, me: Mechanic) -> list[dict[str, object]]:
    page = lists.page(floor.reader, listing, me, lists.Wanted(), floor.store.now(), SHOP)
    assert page["total"] == len(page["items"])
    return list(page["items"])


async def test_a_pass_hides_the_request_from_him_alone(floor: ShopFloor) -> None:
    row = await floor.submit()
    await pass_on(floor, floor.ann, row)
    assert listed(floor, lists.INCOMING, floor.ann) == []
    assert [item["id"] for item in listed(floor, lists.INCOMING, floor.bob)] == [row.id]
    with pytest.raises(Refusal) as refused:
        await floor.accept(floor.ann, row.id)
    assert refused.value.code == Code.PASSED_ON
    assert (await floor.accept(floor.bob, row.id)).mechanic_name == "Bob"


async def test_what_he_passed_on_is_in_his_history_until_he_takes_it_back(floor: ShopFloor) -> None:
    row = await floor.submit()
    await pass_on(floor, floor.ann, row)
    assert [item["outcome"] for item in listed(floor, lists.HISTORY, floor.ann)] == ["passed"]
    assert lists.ended_counts(floor.reader, floor.ann.id)[1] == 1
    await undo(floor, floor.ann, row)
    assert listed(floor, lists.HISTORY, floor.ann) == []
    assert lists.ended_counts(floor.reader, floor.ann.id)[1] == 0
    assert (await floor.accept(floor.ann, row.id)).mechanic_name == "Ann"


async def test_passing_twice_and_undoing_nothing_change_nothing(floor: ShopFloor) -> None:
    row = await floor.submit()
    assert (await undo(floor, floor.ann, row)).version == 1
    assert (await pass_on(floor, floor.ann, row)).version == 2
    assert (await pass_on(floor, floor.ann, row)).version == 2
    assert [event.kind for event in await floor.events()] == [Kind.CREATED, Kind.PASSED]


@pytest.mark.parametrize("what", [pass_on, undo])
async def test_only_an_open_request_can_be_passed_on(floor: ShopFloor, what: object) -> None:
    assert what in {pass_on, undo}
    work = pass_on if what is pass_on else undo
    row = await floor.submit()
    await floor.accept(floor.bob, row.id)
    with pytest.raises(Refusal) as refused:
        await work(floor, floor.ann, row)
    assert refused.value.code == Code.ALREADY_TAKEN
    with pytest.raises(Refusal) as refused:
        await work(floor, floor.bob, row)
    assert refused.value.code == Code.SESSION_HELD
    await floor.end(floor.bob, row.id)
    with pytest.raises(Refusal) as refused:
        await work(floor, floor.ann, row)
    assert refused.value.code == Code.REQUEST_CANCELLED


async def test_added_time_costs_as_much_as_the_booked(floor: ShopFloor) -> None:
    row = await floor.submit()
    with pytest.raises(Refusal) as refused:
        await floor.store.run(lambda tx: triage.extend(tx, floor.ann, row.id, 10))
    assert refused.value.code == Code.NOT_HELD
    await floor.accept(floor.ann, row.id)
    with pytest.raises(Refusal) as refused:
        await floor.store.run(lambda tx: triage.extend(tx, floor.ann, row.id, 10))
    assert refused.value.code == Code.NOT_LIVE
    await floor.store.run(lambda tx: sessions.join_as_customer(tx, row.id))
    await floor.store.run(lambda tx: sessions.join_as_mechanic(tx, floor.ann, row.id))
    longer = await floor.store.run(lambda tx: triage.extend(tx, floor.ann, row.id, 10))
    assert (longer.minutes, longer.price_cents) == (55, 2999 + 666)
    with pytest.raises(Refusal) as refused:
        await floor.store.run(lambda tx: triage.extend(tx, floor.bob, row.id, 10))
    assert refused.value.code == Code.NOT_FOUND
