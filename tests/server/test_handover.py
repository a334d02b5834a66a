"""Handing a session over: it is in one mechanic's hands at every moment, and only by agreement in another's."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from mechtui.models import Code, Kind, Session
from mechtui.server import accounts
from mechtui.server.db import details, handover, lists, mechanics, sessions, stats, triage
from mechtui.server.db.rows import SessionRow
from mechtui.server.db.sessions import Mechanic
from mechtui.server.db.tx import Tx
from mechtui.server.refusal import Refusal
from tests.server.live import Shop
from tests.server.support import SHOP, ShopFloor, hire

Work = Callable[[Tx], SessionRow]


async def offer(floor: ShopFloor, row: SessionRow, note: str = "my lift is taken") -> SessionRow:
    return await floor.store.run(lambda tx: handover.offer(tx, floor.ann, row.id, floor.bob.id, note))


async def take(floor: ShopFloor, row: SessionRow) -> SessionRow:
    return await floor.store.run(lambda tx: handover.take(tx, floor.bob, row.id))


async def refused(floor: ShopFloor, work: Work) -> Refusal:
    with pytest.raises(Refusal) as caught:
        await floor.store.run(work)
    return caught.value


async def accepted(floor: ShopFloor) -> SessionRow:
    return await floor.accept(floor.ann, (await floor.submit()).id)


def seen(floor: ShopFloor, me: Mechanic | None, row: SessionRow) -> dict[str, Any]:
    reader = details.Reader(me, floor.store.now())
    return details.detail(floor.reader, reader, row.id, SHOP)


def history(floor: ShopFloor, me: Mechanic) -> list[dict[str, Any]]:
    page = lists.page(floor.reader, lists.HISTORY, me, lists.Wanted(), floor.store.now(), SHOP)
    assert page["total"] == len(page["items"]) == lists.ended_counts(floor.reader, me.id)[1]
    return list(page["items"])


async def test_the_holder_keeps_it_until_the_other_agrees(floor: ShopFloor) -> None:
    row = await accepted(floor)
    offered = await offer(floor, row)
    assert (offered.mechanic_name, offered.offered_to_name, offered.offer_note) == ("Ann", "Bob", "my lift is taken")
    taken = await take(floor, row)
    assert (taken.mechanic_name, taken.offered_to_id, taken.status) == ("Bob", None, "waiting")
    assert taken.accepted_at == row.accepted_at
    events = [(event.kind, event.other_id) for event in await floor.events()][-2:]
    assert events == [(Kind.OFFERED, floor.bob.id), (Kind.HANDED_OVER, floor.ann.id)]
    assert (await take(floor, row)).version == taken.version, "taking what is his already changes nothing"


async def test_one_that_waits_he_joins_himself_and_a_live_one_goes_on(floor: ShopFloor) -> None:
    row = await accepted(floor)
    await floor.store.run(lambda tx: sessions.join_as_mechanic(tx, floor.ann, row.id))
    await offer(floor, row)
    assert (await take(floor, row)).mechanic_joined_at is None
    await floor.store.run(lambda tx: sessions.join_as_customer(tx, row.id))
    live = await floor.store.run(lambda tx: sessions.join_as_mechanic(tx, floor.bob, row.id))
    await floor.store.run(lambda tx: handover.offer(tx, floor.bob, row.id, floor.ann.id, ""))
    back = await floor.store.run(lambda tx: handover.take(tx, floor.ann, row.id))
    assert back[:2] == (row.id, "live")
    assert (back.started_at, back.mechanic_joined_at) == (live.started_at, live.mechanic_joined_at)


async def test_what_is_declined_or_withdrawn_stays_with_its_holder(floor: ShopFloor) -> None:
    row = await accepted(floor)
    await offer(floor, row)
    kept = await floor.store.run(lambda tx: handover.decline(tx, floor.bob, row.id, "no time"))
    assert (kept.mechanic_name, kept.offered_to_id) == ("Ann", None)
    assert (await refused(floor, lambda tx: handover.take(tx, floor.bob, row.id))).code == Code.NO_OFFER
    assert (await refused(floor, lambda tx: handover.decline(tx, floor.bob, row.id, ""))).code == Code.NO_OFFER
    await offer(floor, row)
    await floor.store.run(lambda tx: handover.withdraw(tx, floor.ann, row.id))
    again = await floor.store.run(lambda tx: handover.withdraw(tx, floor.ann, row.id))
    assert again.version == kept.version + 2, "withdrawing what is not offered changes nothing"
    assert (await refused(floor, lambda tx: handover.take(tx, floor.bob, row.id))).code == Code.NO_OFFER


async def test_another_offer_takes_the_place_of_the_first(floor: ShopFloor) -> None:
    cy = hire(floor.database, "Cy")
    row = await accepted(floor)
    await offer(floor, row)
    await floor.store.run(lambda tx: handover.offer(tx, floor.ann, row.id, cy.id, ""))
    assert (await refused(floor, lambda tx: handover.take(tx, floor.bob, row.id))).code == Code.NO_OFFER
    assert (await floor.store.run(lambda tx: handover.take(tx, cy, row.id))).mechanic_name == "Cy"


ENDS: dict[str, Callable[[ShopFloor, str], Work]] = {
    "released": lambda floor, row: lambda tx: sessions.release(tx, floor.ann, row, ""),
    "ended": lambda floor, row: lambda tx: sessions.end_as_mechanic(tx, floor.ann, row, ""),
    "ended by the customer": lambda floor, row: lambda tx: sessions.end_as_customer(tx, row, ""),
    "cancelled": lambda floor, row: lambda tx: sessions.cancel(tx, row, ""),
}


@pytest.mark.parametrize("end", ENDS)
async def test_an_offer_goes_with_the_hand_that_made_it(floor: ShopFloor, end: str) -> None:
    row = await accepted(floor)
    await offer(floor, row)
    over = await floor.store.run(ENDS[end](floor, row.id))
    assert over.offered_to_id is None
    code = (await refused(floor, lambda tx: handover.take(tx, floor.bob, row.id))).code
    assert code == (Code.NO_OFFER if end == "released" else Code.SESSION_ENDED)


async def test_who_can_be_offered_a_session(floor: ShopFloor) -> None:
    row = await accepted(floor)
    chatter, gone = hire(floor.database, "Cy", "chat"), hire(floor.database, "Gus")
    accounts.revoke_mechanic(floor.database, gone.id)

    async def why(to: str) -> tuple[str, str]:
        refusal = await refused(floor, lambda tx: handover.offer(tx, floor.ann, row.id, to, ""))
        return str(refusal.code), str(refusal.body["error"])

    assert await why(chatter.id) == ("COLLEAGUE_CANNOT", "Cy does not take video sessions.")
    assert (await why(floor.ann.id))[0] == "COLLEAGUE_CANNOT"
    assert (await why(gone.id))[0] == (await why("ghost"))[0] == "NOT_FOUND"
    await floor.store.run(lambda tx: mechanics.set_availability(tx, floor.bob, "break"))
    assert await why(floor.bob.id) == ("COLLEAGUE_CANNOT", "Bob is on a break.")


async def test_only_its_holder_offers_it_and_only_whom_it_is_offered_to_takes_it(floor: ShopFloor) -> None:
    cy = hire(floor.database, "Cy")
    row = await floor.submit()
    assert (await refused(floor, lambda tx: handover.offer(tx, floor.ann, row.id, cy.id, ""))).code == Code.NOT_HELD
    await floor.accept(floor.ann, row.id)
    for work in (
        lambda tx: handover.offer(tx, floor.bob, row.id, cy.id, ""),
        lambda tx: handover.withdraw(tx, floor.bob, row.id),
        lambda tx: handover.take(tx, floor.bob, row.id),
        lambda tx: handover.decline(tx, floor.bob, row.id, ""),
    ):
        assert (await refused(floor, work)).code == Code.NOT_FOUND
    await offer(floor, row)
    assert (await refused(floor, lambda tx: handover.take(tx, cy, row.id))).code == Code.NOT_FOUND


async def test_who_has_a_session_in_hand_cannot_take_another(floor: ShopFloor) -> None:
    row = await accepted(floor)
    await offer(floor, row)
    other = await floor.accept(floor.bob, (await floor.submit()).id)
    refusal = await refused(floor, lambda tx: handover.take(tx, floor.bob, row.id))
    assert (refusal.code, refusal.more["session_id"]) == (Code.MECHANIC_HAS_ACTIVE_SESSION, other.id)
    await floor.end(floor.bob, other.id)
    assert (await take(floor, row)).mechanic_name == "Bob"


async def test_who_sees_what(floor: ShopFloor) -> None:
    cy = hire(floor.database, "Cy")
    row = await floor.go_live(floor.ann, (await floor.submit(email="jo@example.com")).id)
    await offer(floor, row)
    holder = Session.model_validate(seen(floor, floor.ann, row)["session"])
    colleague = Session.model_validate(seen(floor, floor.bob, row)["session"])
    customer = Session.model_validate(seen(floor, None, row)["session"])
    assert holder.offered_to is not None
    assert colleague.offered_by is not None
    assert (holder.offered_to.name, holder.offered_by, holder.offer_note) == ("Bob", None, None)
    assert (colleague.offered_by.name, colleague.offer_note, colleague.url) == ("Ann", "my lift is taken", None)
    assert colleague.started_at == holder.started_at
    assert (customer.offered_to, customer.offered_by, customer.offer_note) == (None, None, None)
    reader = details.Reader(floor.bob, floor.store.now())
    assert details.intake(floor.reader, reader, row.id)["email"] is None
    with pytest.raises(Refusal) as caught:
        seen(floor, cy, row)
    assert caught.value.code == Code.NOT_FOUND
    told = {who.name: [e["kind"] for e in seen(floor, who, row)["events"]] for who in (floor.ann, floor.bob)}
    assert told["Ann"][-1] == told["Bob"][-1] == "offered"
    assert "offered" not in [e["kind"] for e in seen(floor, None, row)["events"]]
    await take(floor, row)
    last = seen(floor, None, row)["events"][-1]
    assert (last["kind"], last["mechanic"]["name"], last["other"]["name"]) == ("handed_over", "Bob", "Ann")
    with pytest.raises(Refusal):
        seen(floor, floor.ann, row)


async def test_it_is_in_the_history_of_both_and_the_money_is_whose_who_completes_it(floor: ShopFloor) -> None:
    row = await floor.go_live(floor.ann, (await floor.submit()).id)
    await offer(floor, row)
    assert history(floor, floor.bob) == []
    await take(floor, row)
    floor.clock.forward(600)
    await floor.end(floor.bob, row.id)
    (former,), (own,) = history(floor, floor.ann), history(floor, floor.bob)
    assert (former["outcome"], former["mechanic"], former["status"], former["url"]) == ("handed", None, "pending", None)
    assert own["outcome"] == "completed"
    figures = {who.name: stats.stats(floor.reader, who.id, "2026", "2027") for who in (floor.ann, floor.bob)}
    assert (figures["Ann"]["total"]["sessions"], figures["Bob"]["total"]["sessions"]) == (0, 1)
    assert figures["Bob"]["total"]["price_cents"] == row.price_cents
    assert figures["Ann"]["races_lost"] == figures["Ann"]["released"] == figures["Ann"]["cancelled"] == 0


async def test_a_declined_offer_gives_no_hand_in_it(floor: ShopFloor) -> None:
    row = await accepted(floor)
    await offer(floor, row)
    await floor.store.run(lambda tx: handover.decline(tx, floor.bob, row.id, ""))
    assert history(floor, floor.bob) == []
    await floor.store.run(lambda tx: sessions.cancel(tx, row.id, ""))
    with pytest.raises(Refusal):
        seen(floor, floor.bob, row)


async def test_whoever_passed_on_it_and_then_takes_it_over_no_longer_passes(floor: ShopFloor) -> None:
    row = await floor.submit()
    await floor.store.run(lambda tx: triage.pass_on(tx, floor.bob, row.id, ""))
    await floor.accept(floor.ann, row.id)
    await offer(floor, row)
    await take(floor, row)
    await floor.store.run(lambda tx: sessions.release(tx, floor.bob, row.id, ""))
    assert [item["outcome"] for item in history(floor, floor.bob)] == ["released"]
    assert (await floor.accept(floor.bob, row.id)).mechanic_name == "Bob"


async def test_end_take_and_cancel_at_once(shop: Shop) -> None:
    """Whatever comes first, the session is in one hand, and every answer is true."""
    for round_number in range(12):
        session_id = await shop.submit()
        await shop.accept(session_id)
        await shop.act(session_id, "offer", shop.ann.token, to=shop.bob.id, note="")
        wishes = [
            shop.act(session_id, "take", shop.bob.token),
            shop.act(session_id, "take", shop.bob.token),
            shop.act(session_id, "end", shop.ann.token, reason=""),
            shop.act(session_id, "cancel", reason=""),
        ]
        turn = round_number % len(wishes)
        answers = await asyncio.gather(*wishes[turn:], *wishes[:turn])
        assert {answer.status_code for answer in answers} <= {200, 404, 409, 410}
        row = (await shop.call("GET", f"/api/sessions/{session_id}", shop.desk.token)).json()
        kinds = [event["kind"] for event in row["events"]]
        assert (row["session"]["mechanic"]["name"] == "Bob") == ("handed_over" in kinds)
        assert kinds.count("handed_over") <= 1
        await shop.act(session_id, "end", reason="")
