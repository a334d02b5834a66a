"""What was before: by VIN, by plate, by customer; for whom, in which pages, and what is never told."""

from typing import Any

import pytest

from mechtui.earlier import EarlierPage
from mechtui.server.db import earlier
from mechtui.server.db.completed import add_summary
from mechtui.server.db.details import Reader
from mechtui.server.db.rows import SessionRow
from tests.server.live import Shop
from tests.server.support import ShopFloor
from tests.server.test_http import strict

VIN = "1HGCM82633A004352"
FIELDS = {
    "id", "type", "outcome", "created_at", "same_vehicle", "same_customer", "mine", "mechanic", "vehicle", "odometer",
    "concern", "findings", "next_steps",
}  # fmt: skip


async def before(floor: ShopFloor, row: SessionRow, cursor: str | None = None, limit: int = 20) -> EarlierPage:
    reader = Reader(floor.ann, floor.store.now())
    return EarlierPage.model_validate(await floor.store.read(earlier.earlier, reader, row.id, limit, cursor))


async def past(floor: ShopFloor, name: str, *, completed: bool = True, **fields: Any) -> SessionRow:
    """A session that has ended: completed by Bob, else cancelled before it began."""
    row = await floor.submit(name, **fields)
    floor.clock.forward(1)
    if completed:
        return await floor.complete(floor.bob, row.id)
    await floor.accept(floor.bob, row.id)
    return await floor.end(floor.bob, row.id)


async def test_by_vin_by_plate_and_by_customer(floor: ShopFloor) -> None:
    by_vin = await past(floor, "A", vin="1hgcm826 33a-004352", odometer="80,000 mi")
    by_plate = await past(floor, "B", plate="abc 123")
    moved_plate = await past(floor, "C", plate="ABC123", vin="4T1B11HKXJU123456")
    by_customer = await past(floor, "D", email="d@example.com", completed=False)
    stranger = await past(floor, "E", plate="XYZ", vin="4T1B11HKXJU123457")
    now = await floor.submit("D again", email="D@example.com", vin=VIN, plate="ABC-123")
    page = await before(floor, now)
    known = {item.id: (item.same_vehicle, item.same_customer) for item in page.items}
    assert known == {by_vin.id: (True, False), by_plate.id: (True, False), by_customer.id: (False, True)}
    assert moved_plate.id not in known
    assert stranger.id not in known
    assert [item.id for item in page.items] == [by_customer.id, by_plate.id, by_vin.id]
    assert (page.total, page.seen, page.came) == (3, 2, 0)
    assert page.items[-1].odometer == "80,000 mi"


async def test_short_numbers_make_no_two_vehicles_one(floor: ShopFloor) -> None:
    await past(floor, "A", vin="NONE", plate="--")
    await past(floor, "B", vin="", plate="NA")
    now = await floor.submit("C", vin="NONE", plate="NA")
    assert (await before(floor, now)).items == ()


async def test_only_what_has_ended_and_was_before(floor: ShopFloor) -> None:
    first = await floor.submit("A", vin=VIN)
    floor.clock.forward(1)
    second = await past(floor, "B", vin=VIN)
    held = await floor.submit("C", vin=VIN)
    await floor.accept(floor.bob, held.id)
    floor.clock.forward(1)
    now = await floor.submit("D", vin=VIN)
    assert [item.id for item in (await before(floor, now)).items] == [second.id]
    assert (await before(floor, first)).items == ()


async def test_findings_and_who_but_no_more(floor: ShopFloor) -> None:
    row = await past(floor, "A", vin=VIN, email="secret@example.com", phone="555-0101", year="2003", make="Honda")
    await floor.store.run(
        lambda tx: add_summary(
            tx, floor.bob, row.id, findings="bad O2", steps_taken="x", parts_needed=None, next_steps="O2 test"
        )
    )
    now = await floor.submit("B", vin=VIN)
    body = await floor.store.read(earlier.earlier, Reader(floor.ann, floor.store.now()), now.id, 20, None)
    item = body["items"][0]
    assert set(item) == FIELDS
    assert (item["findings"], item["next_steps"], item["vehicle"]) == ("bad O2", "O2 test", "2003 Honda")
    assert item["mechanic"] == {"id": floor.bob.id, "name": "Bob"}
    assert item["mine"] is False
    assert "secret" not in str(body)
    assert "555" not in str(body)


async def test_pages_by_key(floor: ShopFloor) -> None:
    rows = [await past(floor, "A", vin=VIN) for _ in range(5)]
    now = await floor.submit("A", vin=VIN)
    read: list[str] = []
    cursor: str | None = None
    for _ in range(3):
        page = await before(floor, now, cursor, limit=2)
        assert page.total == 5
        read += [item.id for item in page.items]
        cursor = page.next_cursor
    assert cursor is None
    assert read == [row.id for row in reversed(rows)]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_by_index_however_long_the_past(floor: ShopFloor) -> None:
    now = await floor.submit("A", vin=VIN)
    params = {"vin": VIN, "plate": "X", "customer": "c", "at": now.created_at, "id": now.id}
    sql = "EXPLAIN QUERY PLAN " + earlier._COUNTS
    plan = "\n".join(str(row[3]) for row in floor.reader.execute(sql, params))
    assert {"ix_intakes_vin", "ix_intakes_plate", "ix_sessions_of_customer"} <= set(plan.replace("(", " ").split())
    assert "SCAN s" not in plan.splitlines()


async def test_over_http(shop: Shop) -> None:
    first = await shop.submit(vin=VIN, name="A")
    await shop.accept(first, shop.bob.token)
    await shop.act(first, "end", shop.bob.token, reason="")
    now = await shop.submit(vin=VIN, name="B")
    answer = await shop.get(f"/api/sessions/{now}/earlier")
    strict(EarlierPage, answer.json())
    assert [item["id"] for item in answer.json()["items"]] == [first]
    customer = await shop.get(f"/api/sessions/{now}/earlier", shop.customers[now])
    assert customer.status_code == 403
    assert (await shop.get(f"/api/sessions/{now}/earlier?cursor=x")).status_code == 422
    await shop.accept(now)
    assert (await shop.get(f"/api/sessions/{now}/earlier", shop.bob.token)).status_code == 404
