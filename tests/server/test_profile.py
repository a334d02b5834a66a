"""What a mechanic has done, counted from his sessions."""

from mechtui.server.db import completed
from mechtui.server.db.profile import profile
from tests.server.support import ShopFloor


async def test_only_what_he_completed_counts(floor: ShopFloor) -> None:
    first = await floor.submit(make="Toyota")
    await floor.complete(floor.ann, first.id)
    await floor.store.run(lambda tx: completed.rate(tx, first.id, 4, None))
    await floor.complete(floor.ann, (await floor.submit("Al", make="TOYOTA", type="chat")).id)
    await floor.complete(floor.ann, (await floor.submit("Bo")).id)
    await floor.complete(floor.bob, (await floor.submit("Cy", make="Kia")).id)
    await floor.accept(floor.ann, (await floor.submit("Di", make="Ford")).id)
    assert profile(floor.reader, floor.ann.id) == {
        "types": {"video": {"jobs": 2, "rating": 4.0}, "chat": {"jobs": 1, "rating": None}},
        "makes": {"toyota": {"jobs": 2, "rating": 4.0}},
    }
