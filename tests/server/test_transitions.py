"""The rules of a session, one by one, on the real store."""

from dataclasses import replace

import pytest

from mechtui.config import Rules
from mechtui.models import Code
from mechtui.server.clock import stamp
from mechtui.server.db import completed, lists, sessions
from mechtui.server.db.rows import open_view
from mechtui.server.refusal import Refusal
from tests.server.support import SHOP, ShopFloor, hire


async def test_submit_makes_an_open_request(floor: ShopFloor) -> None:
    row = await floor.submit(year="2018", make="Toyota", model="Camry", urgent=True)
    assert (row.status, row.mechanic_id, row.version, bool(row.urgent)) == ("pending", None, 1, True)
    assert row.plan_code == "video45"
    floor.clock.forward(900)
    assert row.expires_at == stamp(floor.clock())


async def test_submit_is_all_or_nothing(floor: ShopFloor) -> None:
    files = [{"name": "a.jpg", "data": "aGVsbG8="}, {"name": "b.jpg", "data": "no base64!"}]
    with pytest.raises(Refusal) as refused:
        await floor.submit(files=files)
    assert refused.value.code == Code.INVALID
    tables = ("customers", "intakes", "intake_files", "sessions", "events")
    counts = [floor.reader.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0] for table in tables]
    assert counts == [0, 0, 0, 0, 0]


async def test_a_refused_second_request_leaves_nothing_behind(floor: ShopFloor) -> None:
    first = await floor.submit(email="jo@example.com")
    with pytest.raises(Refusal) as refused:
        await floor.submit(email=" JO@example.com ")
    assert refused.value.code == Code.CUSTOMER_HAS_OPEN_SESSION
    assert refused.value.more == {"session_id": first.id}
    assert floor.reader.execute("SELECT count(*) FROM intakes").fetchall() == [(1,)]


@pytest.mark.parametrize(
    ("again", "same"),
    [
        ({"email": "jo@example.com", "phone": None}, True),
        ({"email": None, "phone": "(555) 0101"}, True),
        ({"email": "other@example.com", "phone": "555-0101"}, True),
        ({"email": "other@example.com", "phone": "555-0102"}, False),
        ({"email": None, "phone": None}, False),
        ({"email": "", "phone": "  "}, False),
    ],
)
async def test_the_customer_is_known_by_email_then_phone(floor: ShopFloor, again: dict[str, str], same: bool) -> None:
    first = await floor.submit(email="jo@example.com", phone="555 0101")
    await floor.store.run(lambda tx: sessions.cancel(tx, first.id, ""))
    await floor.submit(**again)
    customers = floor.reader.execute("SELECT count(*) FROM customers").fetchall()[0][0]
    assert customers == (1 if same else 2)


async def test_a_plan_is_of_the_type(floor: ShopFloor) -> None:
    row = await floor.submit(type="chat", plan="chat5free")
    assert (row.plan_code, row.minutes, row.price_cents) == ("chat5free", 5, 0)
    with pytest.raises(Refusal, match="no video plan called 'chat5free'"):
        await floor.submit(plan="chat5free")


async def test_accept_gives_the_request_to_one(floor: ShopFloor) -> None:
    request = await floor.submit()
    floor.clock.forward(1)
    row = await floor.accept(floor.ann, request.id)
    assert (row.status, row.mechanic_name, row.accepted_at) == ("waiting", "Ann", stamp(floor.clock()))
    with pytest.raises(Refusal) as refused:
        await floor.accept(floor.bob, request.id)
    assert (refused.value.status, refused.value.code) == (409, Code.ALREADY_TAKEN)
    assert refused.value.more == {"by": {"id": floor.ann.id, "name": "Ann"}, "at": row.accepted_at}


async def test_accepting_what_is_mine_changes_nothing(floor: ShopFloor) -> None:
    request = await floor.submit()
    first = await floor.accept(floor.ann, request.id)
    assert await floor.accept(floor.ann, request.id) == first
    assert [event.kind for event in await floor.events()] == ["created", "accepted"]


async def test_a_mechanic_with_an_active_session_gets_no_second(floor: ShopFloor) -> None:
    first, second = await floor.submit(), await floor.submit()
    await floor.accept(floor.ann, first.id)
    with pytest.raises(Refusal) as refused:
        await floor.accept(floor.ann, second.id)
    assert refused.value.code == Code.MECHANIC_HAS_ACTIVE_SESSION
    assert refused.value.more == {"session_id": first.id, "url": f"https://shop.example/video/{first.id}"}


async def test_an_overdue_request_is_expired_whether_tidied_up_or_not(floor: ShopFloor) -> None:
    request = await floor.submit()
    floor.clock.forward(900)
    for _ in range(2):
        with pytest.raises(Refusal) as refused:
            await floor.accept(floor.ann, request.id)
        assert (refused.value.status, refused.value.code) == (410, Code.REQUEST_EXPIRED)
        assert refused.value.more["at"] == request.expires_at
        await floor.store.run(sessions.expire_overdue)


async def test_an_overdue_request_does_not_keep_its_customer_from_asking_again(floor: ShopFloor) -> None:
    first = await floor.submit(email="jo@example.com")
    floor.clock.forward(901)
    second = await floor.submit(email="jo@example.com")
    rows = {row.id: row.status for row in lists.open_sessions(floor.reader)}
    assert rows == {second.id: "pending"}
    events = (await floor.events())[-2:]
    assert [(event.kind, event.row.id) for event in events] == [("expired", first.id), ("created", second.id)]


async def test_a_cancelled_request_says_who_and_when(floor: ShopFloor) -> None:
    request = await floor.submit()
    await floor.store.run(lambda tx: sessions.cancel(tx, request.id, "found it myself"))
    with pytest.raises(Refusal) as refused:
        await floor.accept(floor.ann, request.id)
    assert refused.value.code == Code.REQUEST_CANCELLED
    assert refused.value.more["by"] == {"id": "customer", "name": "the customer"}


async def test_only_the_eligible_may_accept(floor: ShopFloor) -> None:
    chatter = hire(floor.database, "Cy", "chat")
    request = await floor.submit()
    with pytest.raises(Refusal) as refused:
        await floor.accept(chatter, request.id)
    assert (refused.value.status, refused.value.code) == (403, Code.NOT_ELIGIBLE)


async def test_accepting_nothing_is_404(floor: ShopFloor) -> None:
    with pytest.raises(Refusal) as refused:
        await floor.accept(floor.ann, "nothing")
    assert refused.value.status == 404


async def test_release_puts_it_back_at_its_old_place_for_a_while(floor: ShopFloor) -> None:
    first = await floor.submit()
    floor.clock.forward(10)
    await floor.submit()
    await floor.accept(floor.ann, first.id)
    floor.clock.forward(700)
    row = await floor.store.run(lambda tx: sessions.release(tx, floor.ann, first.id, "wrong skill"))
    assert (row.status, row.mechanic_id, row.accepted_at) == ("pending", None, None)
    floor.clock.forward(300)
    assert row.expires_at == stamp(floor.clock())
    floor.clock.forward(-299)
    now = floor.store.now()
    page = lists.page(floor.reader, lists.INCOMING, floor.bob, lists.Wanted(), now, SHOP)
    assert page["items"][0]["id"] == first.id


async def test_a_live_session_is_not_released(floor: ShopFloor) -> None:
    request = await floor.submit()
    await floor.go_live(floor.ann, request.id)
    with pytest.raises(Refusal) as refused:
        await floor.store.run(lambda tx: sessions.release(tx, floor.ann, request.id, ""))
    assert refused.value.code == Code.SESSION_LIVE


async def test_it_is_live_only_when_both_have_joined(floor: ShopFloor) -> None:
    request = await floor.submit()
    with pytest.raises(Refusal) as refused:
        await floor.store.run(lambda tx: sessions.join_as_customer(tx, request.id))
    assert refused.value.code == Code.NOT_ACCEPTED_YET
    await floor.accept(floor.ann, request.id)
    row = await floor.store.run(lambda tx: sessions.join_as_mechanic(tx, floor.ann, request.id))
    assert (row.status, row.started_at) == ("waiting", None)
    assert await floor.store.run(lambda tx: sessions.join_as_mechanic(tx, floor.ann, request.id)) == row
    row = await floor.store.run(lambda tx: sessions.join_as_customer(tx, request.id))
    assert (row.status, row.started_at) == ("live", stamp(floor.clock()))
    kinds = [event.kind for event in await floor.events()]
    assert kinds == ["created", "accepted", "joined", "joined", "started"]


@pytest.mark.parametrize(("seconds", "status"), [(59.999, "cancelled"), (60, "completed"), (7200, "completed")])
async def test_completed_only_if_it_ran(floor: ShopFloor, seconds: float, status: str) -> None:
    request = await floor.submit()
    await floor.go_live(floor.ann, request.id)
    floor.clock.forward(seconds)
    row = await floor.end(floor.ann, request.id, "all good")
    assert (row.status, row.ended_by, row.end_reason) == (status, "mechanic", "all good")


async def test_a_session_never_started_is_never_completed(floor: ShopFloor) -> None:
    request = await floor.submit()
    await floor.accept(floor.ann, request.id)
    floor.clock.forward(3600)
    assert (await floor.end(floor.ann, request.id)).status == "cancelled"


async def test_ending_twice_changes_nothing(floor: ShopFloor) -> None:
    request = await floor.submit()
    first = await floor.complete(floor.ann, request.id)
    floor.clock.forward(60)
    assert await floor.end(floor.ann, request.id, "again") == first
    assert (await floor.events())[-1].kind == "completed"


async def test_another_mechanics_session_does_not_exist(floor: ShopFloor) -> None:
    request = await floor.submit()
    await floor.accept(floor.ann, request.id)
    for wish in (
        lambda tx: sessions.release(tx, floor.bob, request.id, ""),
        lambda tx: sessions.join_as_mechanic(tx, floor.bob, request.id),
        lambda tx: sessions.end_as_mechanic(tx, floor.bob, request.id, ""),
    ):
        with pytest.raises(Refusal) as refused:
            await floor.store.run(wish)
        assert refused.value.status == 404


async def test_what_is_open_is_not_held(floor: ShopFloor) -> None:
    request = await floor.submit()
    with pytest.raises(Refusal) as refused:
        await floor.end(floor.ann, request.id)
    assert refused.value.code == Code.NOT_HELD


async def test_a_rating_is_given_once_and_only_of_what_was_completed(floor: ShopFloor) -> None:
    request = await floor.submit()
    with pytest.raises(Refusal) as refused:
        await floor.store.run(lambda tx: completed.rate(tx, request.id, 5, None))
    assert refused.value.code == Code.NOT_COMPLETED
    await floor.complete(floor.ann, request.id)
    row = await floor.store.run(lambda tx: completed.rate(tx, request.id, 4, "fine"))
    assert (row.rating, row.rating_comment) == (4, "fine")
    assert (open_view(row)["rating"], open_view(row)["rating_comment"]) == (None, None)
    with pytest.raises(Refusal) as refused:
        await floor.store.run(lambda tx: completed.rate(tx, request.id, 5, None))
    assert refused.value.code == Code.ALREADY_RATED


async def test_the_customer_cancels_until_it_is_live(floor: ShopFloor) -> None:
    request = await floor.submit()
    await floor.accept(floor.ann, request.id)
    row = await floor.store.run(lambda tx: sessions.cancel(tx, request.id, ""))
    assert (row.status, row.mechanic_name) == ("cancelled", "Ann")
    again = await floor.submit()
    await floor.go_live(floor.ann, again.id)
    with pytest.raises(Refusal) as refused:
        await floor.store.run(lambda tx: sessions.cancel(tx, again.id, ""))
    assert refused.value.code == Code.SESSION_LIVE


async def test_the_clock_going_back_breaks_nothing(floor: ShopFloor) -> None:
    request = await floor.submit()
    floor.clock.forward(-3600)
    row = await floor.go_live(floor.ann, request.id)
    assert row.accepted_at is not None
    assert row.started_at is not None
    assert row.created_at <= row.accepted_at <= row.started_at


async def test_the_rules_are_the_shops(database: str) -> None:
    shop = ShopFloor(database, rules=replace(Rules(), request_seconds=30, completed_seconds=3))
    request = await shop.submit()
    await shop.go_live(shop.ann, request.id)
    shop.clock.forward(3)
    assert (await shop.end(shop.ann, request.id)).status == "completed"
    overdue = await shop.submit()
    shop.clock.forward(30)
    expired = await shop.store.run(sessions.expire_overdue)
    assert [row.id for row in expired] == [overdue.id]
    await shop.close()
