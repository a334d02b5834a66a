"""Customers are forgotten: nothing personal is left anywhere, and everything that is counted stays as it was."""

from contextlib import closing
from typing import Any

import pytest

from mechtui.config import is_postgres, sqlite_path
from mechtui.server.db import completed, outbox, sessions
from mechtui.server.db.details import Reader, detail, intake
from mechtui.server.db.engine import engine_of
from mechtui.server.db.errors import ConstraintViolatedError
from mechtui.server.db.rows import read_session
from mechtui.server.db.stats import stats
from mechtui.server.doctor.audit import audit
from mechtui.server.forgetting import Forgetting
from mechtui.server.refusal import Refusal
from tests.data.conftest import MARK, forgotten_by_age, traced
from tests.server.support import SHOP, ShopFloor


def everything_in(database: str) -> bytes:
    """All that is stored, in lower case: of a file each byte of it, of a server each row."""
    if not is_postgres(database):
        path = sqlite_path(database)
        return b"".join(part.read_bytes() for part in path.parent.glob(f"{path.name}*")).lower()
    with closing(engine_of(database).open_reader()) as reader:
        tables = reader.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        texts = [reader.execute(f"SELECT t::text FROM {name} t").fetchall() for (name,) in tables]
    written = str(texts).lower().encode()
    return written.replace(MARK.encode().hex().encode(), MARK.encode())


async def test_nothing_of_a_customer_is_left_anywhere(floor: ShopFloor) -> None:
    await traced(floor)
    assert MARK.encode() in everything_in(floor.database)
    await forgotten_by_age(floor)
    if is_postgres(floor.database):
        await floor.store.run(lambda tx: outbox.forget(tx, "9999"))
    await floor.close()
    left = everything_in(floor.database)
    floor.store, floor.reader = floor.open(), engine_of(floor.database).open_reader()
    assert MARK.encode() not in left
    assert b"0100777" not in left
    assert b"toyota" in left


async def test_what_is_counted_stays(floor: ShopFloor) -> None:
    before = await traced(floor)
    figures = _figures(floor)
    await forgotten_by_age(floor)
    row = read_session(floor.reader, before.id)
    assert row is not None
    assert row.forgotten_at == floor.store.now()
    assert (row.customer_name, row.concern, row.vin, row.end_reason) == ("(removed)",) * 2 + (None, "(removed)")
    gone = {
        "customer_name", "concern", "vin", "plate", "odometer", "end_reason", "files_count", "photos_count",
        "rating_comment", "version", "forgotten_at",
    }  # fmt: skip
    assert {name for name in row._fields if getattr(row, name) != getattr(before, name)} == gone
    assert row.version > before.version
    assert _figures(floor) == figures
    assert audit(floor.reader).findings == []


def _figures(floor: ShopFloor) -> Any:
    span = ("2000-01-01T00:00:00.000Z", "2100-01-01T00:00:00.000Z")
    return stats(floor.reader, floor.ann.id, *span)


async def test_it_is_told_by_an_event_and_in_its_trail(floor: ShopFloor) -> None:
    row = await traced(floor)
    await forgotten_by_age(floor)
    event = (await floor.events())[-1]
    assert (event.kind, event.actor, event.row.customer_name) == ("forgotten", "system", "(removed)")
    told = detail(floor.reader, Reader(floor.ann, floor.store.now()), row.id, SHOP)
    assert told["events"][-1]["reason"] == "by age: it ended more than 730 days ago"
    assert {e["reason"] for e in told["events"][:-1]} == {None, "(removed)"}
    filled_in = intake(floor.reader, Reader(floor.ann, floor.store.now()), row.id)
    assert (filled_in["email"], filled_in["history"], filled_in["files"]) == (None, [], [])


async def test_only_what_is_old_enough_is_forgotten_and_never_what_is_open(floor: ShopFloor) -> None:
    old, waiting = await traced(floor), await floor.submit("Wanda")
    await floor.accept(floor.ann, waiting.id)
    floor.clock.forward(729 * 86_400)
    await Forgetting(floor.store, 730).catch_up()
    await Forgetting(floor.store, None).catch_up()
    assert read_session(floor.reader, old.id).forgotten_at is None  # type: ignore[union-attr]
    floor.clock.forward(2 * 86_400)
    await Forgetting(floor.store, 730).catch_up()
    assert read_session(floor.reader, old.id).forgotten_at is not None  # type: ignore[union-attr]
    assert read_session(floor.reader, waiting.id).customer_name == "Wanda"  # type: ignore[union-attr]


async def test_a_customer_who_still_comes_stays_known(floor: ShopFloor) -> None:
    await traced(floor)
    floor.clock.forward(700 * 86_400)
    later = await traced(floor)
    floor.clock.forward(40 * 86_400)
    await Forgetting(floor.store, 730).catch_up()
    customers = floor.reader.execute("SELECT name, email_key FROM customers").fetchall()
    assert customers == [(f"Ms {MARK}", f"{MARK}@example.com")]
    assert read_session(floor.reader, later.id).forgotten_at is None  # type: ignore[union-attr]


async def test_many_are_forgotten_a_few_at_a_time(floor: ShopFloor) -> None:
    for number in range(23):
        await floor.submit(f"Nr {number}")
    floor.clock.forward(1000)
    await floor.store.run(sessions.expire_overdue)
    await floor.events()
    batches = len(floor.batches)
    await forgotten_by_age(floor)
    await floor.events()
    assert [len(batch.events) for batch in floor.batches[batches:]] == [10, 10, 3]


async def test_nothing_is_added_to_what_was_forgotten(floor: ShopFloor) -> None:
    row = await floor.submit()
    await floor.complete(floor.ann, row.id)
    await forgotten_by_age(floor)
    with pytest.raises(Refusal, match="data was removed"):
        await floor.store.run(lambda tx: completed.rate(tx, row.id, 5, "I am Jo Doe"))


async def test_the_log_changes_only_where_something_was_forgotten(floor: ShopFloor) -> None:
    row = await traced(floor)
    for change in ("reason = '(removed)'", "reason = NULL", "kind = 'rated'"):
        await _refused(floor, f"UPDATE events SET {change} WHERE session_id = '{row.id}'")
    await forgotten_by_age(floor)
    for change in ("reason = 'x'", "reason = NULL", "reason = '(removed)', at = '2026-01-01T00:00:00.000Z'"):
        await _refused(floor, f"UPDATE events SET {change} WHERE session_id = '{row.id}'")
    await _refused(floor, f"UPDATE sessions SET forgotten_at = NULL WHERE id = '{row.id}'")


async def _refused(floor: ShopFloor, statement: str) -> None:
    with pytest.raises(ConstraintViolatedError):
        await floor.store.run(lambda tx: tx.run(statement))
